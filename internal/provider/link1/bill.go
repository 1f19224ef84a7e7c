package link1

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

const (
	bills        provider.Kind[Bill]        = "bill"
	billPayments provider.Kind[BillPayment] = "bill_payment"
)

// Bill is what a consumer owes a company. Its states are the letters of BillStatus. It comes to be when somebody first
// asks for it, so that it is due when a test is run.
type Bill struct {
	Company  string    `json:"company"`
	Consumer string    `json:"consumer"`
	Customer string    `json:"customer"`
	Within   int64     `json:"within"` // what is due until DueAt, in paisa
	After    int64     `json:"after"`  // and what afterwards
	Paid     int64     `json:"paid"`
	PaidAt   time.Time `json:"paid_at,omitzero"`
	DueAt    time.Time `json:"due_at"`
	BlocksAt time.Time `json:"blocks_at"`
}

// BillPayment is a payment of a bill, or of a part of it.
type BillPayment struct {
	App           string    `json:"app"`
	RRN           string    `json:"rrn"`
	Day           string    `json:"day"`
	Company       string    `json:"company"`
	Consumer      string    `json:"consumer"`
	Authorization string    `json:"authorization"`
	Amount        int64     `json:"amount"` // in paisa
	At            time.Time `json:"at"`
	Voided        bool      `json:"voided,omitzero"`
}

// The states of a bill that code looks at.
const (
	unpaid  = "U"
	paid    = "P"
	partly  = "T"
	blocked = "B"
)

const (
	dueIn     = 15 * 24 * time.Hour
	blockedIn = 30 * 24 * time.Hour // after it was due
)

func billKind() provider.KindDef { return bills.Define(provider.Def[Bill]{}) }

func billPaymentKind() provider.KindDef {
	return billPayments.Define(provider.Def[BillPayment]{
		Parent: string(bills),
		Index: func(e *provider.Entity[BillPayment]) []provider.Index {
			return []provider.Index{
				{Name: byRRN, Key: rrnKey(e.Data.App, e.Data.Day, e.Data.RRN), Unique: true},
				{Name: byAuthorization, Key: appKey(e.Data.App).Text(e.Data.Authorization)},
			}
		},
		State: func(p *BillPayment, _ time.Time) string {
			if p.Voided {
				return "voided"
			}
			return "paid"
		},
	})
}

type billRequest struct {
	ClientID      string `json:"ClientID"`
	ChannelID     string `json:"ChannelID"`
	STAN          string `json:"STAN"`
	RRN           string `json:"RRN"`
	Company       string `json:"CompanyCode"`
	Consumer      string `json:"ConsumerNo"`
	Amount        string `json:"TransactionAmount"`
	Authorization string `json:"AuthID"`
	Reserved1     string `json:"Reserved1"`
	Reserved2     string `json:"Reserved2"`
}

// answer begins an answer, with its signature.
func (q *billRequest) answer(c *provider.Call, code, authorization string) (billAnswer, error) {
	a := billAnswer{
		ResponseCode: code, ClientID: q.ClientID, ChannelID: q.ChannelID, STAN: q.STAN, CompanyCode: q.Company, ConsumerNo: q.Consumer,
		AuthID: authorization, RRN: q.RRN, ResponseDetail: codeText(code), Reserved1: q.Reserved1, Reserved2: q.Reserved2,
	}
	key, err := c.SigningKey(billKeys)
	if err != nil {
		return a, err
	}
	signature, err := key.Signature([]byte(strings.Join([]string{code, a.ClientID, a.ChannelID, a.STAN, a.CompanyCode, a.ConsumerNo, a.AuthID, a.RRN}, "|")))
	a.Hash = base64.StdEncoding.EncodeToString(signature)
	return a, err
}

// readBill reads a request and finds its bill.
func (l *link) readBill(c *provider.Call) (*billRequest, *provider.Entity[Bill], error) {
	q := new(billRequest)
	if err := c.Bind(q); err != nil {
		return nil, nil, err
	}
	if story, ok := billPayments.Match(c, "rrn", q.RRN); ok && story == "gateway_offline" && c.Name() != "billPayment" {
		return nil, nil, offline() // No entity of this call could follow that story.
	}
	e, err := l.bill(c, q.Company, q.Consumer)
	return q, e, err
}

// bill finds a bill, or makes it where the company has such a consumer.
func (l *link) bill(c *provider.Call, code, consumer string) (*provider.Entity[Bill], error) {
	from := l.company(code)
	if from == nil {
		return nil, refused(noDestination)
	}
	id := code + "-" + consumer
	if e, err := bills.Get(c, id); err != nil || e != nil {
		return e, err
	}
	if _, magic := bills.Match(c, "consumer", consumer); !magic && !slices.Contains(l.Consumers, consumer) {
		return nil, refused(noCustomer)
	}
	name, err := bills.Next(c)
	if err != nil {
		return nil, err
	}
	within := amountOf(consumer)
	due := nextDay(c.Now().Add(dueIn)).Add(-time.Second)
	return bills.Create(c, name, id, &Bill{
		Company: code, Consumer: consumer, Customer: "MOCK CONSUMER " + consumer[max(0, len(consumer)-4):],
		Within: within, After: within + within/10, DueAt: due, BlocksAt: due.Add(blockedIn),
	})
}

// amountOf is what a consumer owes, in paisa: the same on every run, and for most another.
func amountOf(consumer string) int64 {
	n := int64(0)
	for _, r := range consumer {
		n = (n*10 + int64(r%10)) % 1000
	}
	return 150000 + n*1000
}

func (f *fixtures) company(code string) *company {
	for i := range f.Companies {
		if f.Companies[i].Code == code {
			return &f.Companies[i]
		}
	}
	return nil
}

// due is what is left to pay now.
func (b *Bill) due(now time.Time) int64 {
	if now.After(b.DueAt) {
		return b.After - b.Paid
	}
	return b.Within - b.Paid
}

// signed writes an amount as inquiries have it: a sign and 13 digits.
func signed(paisa int64) string { return fmt.Sprintf("%+014d", paisa) }

func dated(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return day(t)
}

func paidText(paisa int64) string {
	if paisa == 0 {
		return ""
	}
	return fmt.Sprintf("%012d", paisa)
}

func (l *link) billInquiry(c *provider.Call) (provider.Reply, error) {
	q, e, err := l.readBill(c)
	if err != nil {
		return provider.Reply{}, err
	}
	a, err := q.answer(c, processed, "")
	b := e.Data
	return provider.JSON(0, inquiryAnswer{
		billAnswer: a, CustomerName: b.Customer, BillStatus: e.State(), DueDate: dated(b.DueAt), Within: signed(b.Within), After: signed(b.After),
		BillingMonth: b.DueAt.In(karachi).Format("0601"), DatePaid: dated(b.PaidAt), AmountPaid: paidText(b.Paid),
	}), err
}

func (l *link) billPayment(c *provider.Call) (provider.Reply, error) {
	q, e, err := l.readBill(c)
	if err != nil {
		return provider.Reply{}, err
	}
	app, err := l.caller(c)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := l.payBill(c, app, q, e)
	if err != nil {
		return provider.Reply{}, err
	}
	a, err := q.answer(c, processed, made.Data.Authorization)
	return provider.JSON(0, paymentAnswer{billAnswer: a, AmountPaid: paidText(made.Data.Amount), DatePaid: dated(made.Data.At)}), err
}

// payBill takes a payment of all that is due, or of a part where the company takes parts.
func (l *link) payBill(c *provider.Call, app *application, q *billRequest, e *provider.Entity[Bill]) (*provider.Entity[BillPayment], error) {
	used, err := billPayments.Find(c, byRRN, rrnKey(app.ID, day(c.Now()), q.RRN))
	if err != nil {
		return nil, err
	}
	amount, err := strconv.ParseInt(q.Amount, 10, 64)
	due := e.Data.due(c.Now())
	event := "pay"
	switch {
	case err != nil:
		return nil, refused(badFormat)
	case used != nil:
		return nil, refused(duplicate)
	case e.State() == blocked:
		return nil, refused(inactive)
	case e.State() == paid:
		return nil, refused(rejected)
	case amount < due && l.company(q.Company).Parts:
		event = "pay_part"
	case amount != due:
		return nil, refused(unable)
	}
	e.Data.Paid, e.Data.PaidAt = e.Data.Paid+amount, c.Now()
	bills.Update(c, e)
	if err := bills.Fire(c, e, event); err != nil {
		return nil, err
	}
	return storePayment(c, app, q, e, amount)
}

func storePayment(c *provider.Call, app *application, q *billRequest, e *provider.Entity[Bill], amount int64) (*provider.Entity[BillPayment], error) {
	name, err := billPayments.Next(c)
	if err != nil {
		return nil, err
	}
	return billPayments.Create(c, name, name.UUID(), &BillPayment{
		App: app.ID, RRN: q.RRN, Day: day(c.Now()), Company: q.Company, Consumer: q.Consumer, Authorization: "1" + name.Text("authorization", 5, digits),
		Amount: amount, At: c.Now(),
	}, provider.ChildOf(e))
}

func (l *link) voidBillPayment(c *provider.Call) (provider.Reply, error) {
	q, e, err := l.readBill(c)
	if err != nil {
		return provider.Reply{}, err
	}
	app, err := l.caller(c)
	if err != nil {
		return provider.Reply{}, err
	}
	payment, err := findPayment(c, app, q)
	if err != nil {
		return provider.Reply{}, err
	}
	switch {
	case payment == nil:
		return provider.Reply{}, refused(noTransaction)
	case payment.Data.Voided:
		return provider.Reply{}, refused(duplicate)
	case payment.Data.Day != day(c.Now()):
		return provider.Reply{}, refused(rejected)
	}
	if err := bills.Fire(c, e, "void"); err != nil {
		return provider.Reply{}, err
	}
	payment.Data.Voided = true
	billPayments.Update(c, payment)
	if e.Data.Paid -= payment.Data.Amount; e.Data.Paid == 0 {
		e.Data.PaidAt = time.Time{}
	}
	bills.Update(c, e)
	a, err := q.answer(c, processed, q.Authorization)
	return provider.JSON(0, a), err
}

// findPayment finds the payment that a void names, the newest where several have one authorization; nil where there is
// none.
func findPayment(c *provider.Call, app *application, q *billRequest) (found *provider.Entity[BillPayment], err error) {
	err = billPayments.List(c, byAuthorization, provider.Range{Prefix: appKey(app.ID).Text(q.Authorization)}, func(e *provider.Entity[BillPayment]) (bool, error) {
		if e.Data.Company == q.Company && e.Data.Consumer == q.Consumer {
			found = cmp.Or(found, e)
		}
		return found == nil, nil
	})
	return found, err
}
