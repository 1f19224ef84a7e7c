package link1

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/qr"
)

const requests provider.Kind[Request] = "rtp"

// Request is a request to pay, also one that a QR code shows. Its states are those of ISO 20022.
type Request struct {
	App        string    `json:"app"`
	STAN       string    `json:"stan"`
	RRN        string    `json:"rrn"`
	Merchant   string    `json:"merchant"`
	Creditor   string    `json:"creditor"` // IBAN of the merchant; empty: an aggregator's, outside
	Debtor     string    `json:"debtor"`   // IBAN of the payer
	Amount     int64     `json:"amount"`   // in paisa
	AmountText string    `json:"amount_text"`
	BillNo     string    `json:"bill_no,omitzero"`
	DeliverAt  time.Time `json:"deliver_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Opened     bool      `json:"opened,omitzero"` // the payer looks at it
	Short      bool      `json:"short,omitzero"`  // the payer's account holds too little
	QR         bool      `json:"qr,omitzero"`
}

const (
	delivered  = "ACTC"
	deliveryIn = 2 * time.Second
)

func rtpKind() provider.KindDef {
	return requests.Define(provider.Def[Request]{
		Parent:  string(preCalls),
		Effects: map[string]func(*provider.Call, *provider.Entity[Request]) error{"reserve": reserve, "pay": payMerchant},
		Act:     actAsPayer,
	})
}

// reserve takes the amount from the payer, who has approved, or notes that there is too little.
func reserve(c *provider.Call, e *provider.Entity[Request]) error {
	enough, err := covers(c, e.Data.Debtor, e.Data.Amount)
	if err != nil || !enough {
		e.Data.Short = !enough
		return err
	}
	return book(c, e.Data.Debtor, -e.Data.Amount)
}

func payMerchant(c *provider.Call, e *provider.Entity[Request]) error {
	if e.Data.Short {
		return problem.New(problem.Conflict, "", "The payer's account holds too little: this request can only fail")
	}
	return book(c, e.Data.Creditor, e.Data.Amount)
}

// actAsPayer does all that the payer has to do from where the request stands.
func actAsPayer(c *provider.Call, e *provider.Entity[Request], act string) error {
	if act == "cancel" {
		act = "decline"
	}
	if e.State() == "PDNG" {
		if err := requests.Fire(c, e, "deliver"); err != nil {
			return err
		}
	}
	return requests.Fire(c, e, act)
}

type askRequest struct {
	Merchant merchantDetails `json:"merchantDetails"`
	Payment  struct {
		Amount  string    `json:"instructedAmount"`
		Expires time.Time `json:"expiryDateTime"`
		Execute time.Time `json:"executionDateTime"`
		RTP     string    `json:"rtpId"`
		BillNo  string    `json:"billNo"`
	} `json:"paymentDetails"`
	Info info `json:"info"`
}

type requestStatus struct {
	status
	RTP   string `json:"rtpId"`
	State string `json:"rtpStatus"`
}

func shown(e *provider.Entity[Request]) requestStatus {
	return requestStatus{said(processed), e.ID(), e.State()}
}

func (l *link) askNow(c *provider.Call) (provider.Reply, error) {
	return l.ask(c, rupees, func(q *askRequest) (time.Time, error) { return c.Now().Add(deliveryIn), nil })
}

func (l *link) askLater(c *provider.Call) (provider.Reply, error) {
	return l.ask(c, rupees, func(q *askRequest) (time.Time, error) {
		if !q.Payment.Execute.After(c.Now()) {
			return time.Time{}, refused(badFormat)
		}
		return q.Payment.Execute.UTC(), nil
	})
}

func (l *link) ask(c *provider.Call, amount func(string) (int64, error), deliver func(*askRequest) (time.Time, error)) (provider.Reply, error) {
	_, made, err := l.makeRequest(c, amount, deliver, false)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.JSON(0, shown(made)), nil
}

// rupees and paisa read an amount, in paisa.
func rupees(text string) (int64, error) {
	n, err := money.ParseMinor(text, "PKR")
	if err != nil || n == 0 {
		return 0, refused(badFormat)
	}
	return n, nil
}

func paisa(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, refused(badFormat)
	}
	return n, nil
}

// makeRequest uses up the rtpId of a pre call.
func (l *link) makeRequest(c *provider.Call, amount func(string) (int64, error), deliver func(*askRequest) (time.Time, error), code bool) (*askRequest, *provider.Entity[Request], error) {
	q := new(askRequest)
	if err := c.Bind(q); err != nil {
		return nil, nil, err
	}
	app, err := l.caller(c)
	if err != nil {
		return nil, nil, err
	}
	pre, err := preCall(c, app, q.Payment.RTP)
	if err != nil {
		return nil, nil, err
	}
	data := &Request{
		App: app.ID, STAN: q.Info.STAN, RRN: q.Info.RRN, Merchant: q.Merchant.ID, Debtor: pre.Data.IBAN, AmountText: q.Payment.Amount, BillNo: q.Payment.BillNo,
		ExpiresAt: q.Payment.Expires.UTC(), QR: code,
	}
	if data.Amount, err = amount(q.Payment.Amount); err == nil {
		data.DeliverAt, err = deliver(q)
	}
	if err == nil && !data.ExpiresAt.After(c.Now()) {
		err = refused(rejected)
	}
	if err == nil {
		data.Creditor, err = creditor(c, &q.Merchant)
	}
	if err != nil {
		return nil, nil, err
	}
	made, err := storeRequest(c, pre, data)
	return q, made, err
}

func storeRequest(c *provider.Call, pre *provider.Entity[PreCall], data *Request) (*provider.Entity[Request], error) {
	pre.Data.Used = true
	preCalls.Update(c, pre)
	name, err := requests.Next(c)
	if err != nil {
		return nil, err
	}
	return requests.Create(c, name, pre.ID(), data, provider.ChildOf(pre))
}

// preCall finds the pre call that a request names, and refuses one that can not be used.
func preCall(c *provider.Call, app *application, id string) (*provider.Entity[PreCall], error) {
	pre, err := preCalls.Get(c, id)
	if err != nil {
		return nil, err
	}
	if pre == nil || pre.Data.App != app.ID {
		return nil, refused(rejected)
	}
	switch pre.Data.state(c.Now()) {
	case fresh:
		return pre, nil
	case used:
		return nil, refused(duplicate)
	}
	return nil, refused(rejected)
}

// requestOf finds the request to pay that a body names, of the application that calls.
func requestOf(c *provider.Call) (*provider.Entity[Request], error) {
	var q struct {
		Info info `json:"info"`
	}
	if err := c.Bind(&q); err != nil {
		return nil, err
	}
	e, err := requests.Get(c, q.Info.RTP)
	if err != nil {
		return nil, err
	}
	if e == nil || e.Client() != c.Principal.Client && !sameApp(c, e) || q.Info.Merchant != "" && q.Info.Merchant != e.Data.Merchant {
		return nil, refused(noTransaction)
	}
	return e, nil
}

// sameApp tells whether the client that calls is another pair of the application that made a request.
func sameApp(c *provider.Call, e *provider.Entity[Request]) bool {
	pair, err := credentials.Get(c, c.Principal.Client)
	return err == nil && pair != nil && pair.Data.App == e.Data.App
}

func rtpStatus(c *provider.Call) (provider.Reply, error) {
	e, err := requestOf(c)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.JSON(0, shown(e)), nil
}

func rtpCancellation(c *provider.Call) (provider.Reply, error) {
	e, err := requestOf(c)
	if err != nil {
		return provider.Reply{}, err
	}
	if err := requests.Fire(c, e, "cancel"); err != nil {
		return provider.Reply{}, err
	}
	return provider.JSON(0, shown(e)), nil
}

type qrAnswer struct {
	status
	Code string `json:"qrCode"` // a PNG in Base64
	Data string `json:"qrData"`
	RTP  string `json:"rtpId,omitzero"`
}

func (l *link) dynamicQR(c *provider.Call) (provider.Reply, error) {
	q, made, err := l.makeRequest(c, paisa, func(*askRequest) (time.Time, error) { return c.Now().Add(deliveryIn), nil }, true)
	if err != nil {
		return provider.Reply{}, err
	}
	return drawQR(q.Merchant.qr(made.Data.Creditor, made.Data.Amount, made.ID()), made.ID())
}

func staticQR(c *provider.Call) (provider.Reply, error) {
	var q askRequest
	if err := c.Bind(&q); err != nil {
		return provider.Reply{}, err
	}
	return drawQR(q.Merchant.qr(q.Merchant.IBAN, 0, ""), "")
}

func drawQR(payment qrPayment, rtp string) (provider.Reply, error) {
	text := payment.text()
	code, err := qr.New(text)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Later: func() (any, error) {
		png, err := code.PNG()
		return qrAnswer{said(processed), base64.StdEncoding.EncodeToString(png), text, rtp}, err
	}}, nil
}
