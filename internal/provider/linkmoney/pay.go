package linkmoney

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// party is one end of a payment.
type party struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// The types of parties.
const (
	partyCustomer = "CUSTOMER"
	partyMerchant = "MERCHANT"
)

type paymentReply struct {
	ID              string        `json:"paymentId"`
	Status          string        `json:"paymentStatus"`
	ClientReference string        `json:"clientReferenceId,omitzero"`
	Error           *errorDetails `json:"errorDetails,omitzero"`
}

// createPayment makes a debit or a payout. A decline is no error: it is told in the reply.
func createPayment(c *provider.Call) (provider.Reply, error) {
	var body struct {
		paymentOrder
		Source      party `json:"source"`
		Destination party `json:"destination"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	data, payee, err := direction(body.Source, body.Destination)
	if err != nil {
		return provider.Reply{}, err
	}
	if payee.ID != merchant(c) {
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such merchant; its id is the setting merchant_id of the client")
	}
	customer, err := payingCustomer(c, data.Customer)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := pay(c, customer, body.paymentOrder, data)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: viewPayment(made)}, nil
}

// direction tells a debit from a payout, and who is who.
func direction(source, destination party) (*Payment, party, error) {
	switch {
	case source.Type == partyCustomer && destination.Type == partyMerchant:
		return &Payment{Type: debit, Customer: source.ID}, destination, nil
	case source.Type == partyMerchant && destination.Type == partyCustomer:
		return &Payment{Type: credit, Customer: destination.ID}, source, nil
	}
	return nil, party{}, problem.New(problem.Invalid, "", "must be the other one of CUSTOMER and MERCHANT than source.type").At("/destination/type")
}

// payingCustomer finds a customer who has linked an account for payments.
func payingCustomer(c *provider.Call, id string) (*provider.Entity[Customer], error) {
	e, err := ownCustomer(c, id)
	switch {
	case err != nil:
		return nil, err
	case e.State() != active:
		return nil, problem.Newf(problem.Conflict, "", "The customer is %s, and only an ACTIVE one can pay and be paid: link an account first", statusOf(e.State()))
	case e.Data.Product == productVerify:
		return nil, problem.New(problem.Conflict, "", "The customer was linked with the product VERIFY, which is not for payments")
	}
	return e, nil
}

// pay makes a payment of an order; data says what is not in that. The story decides what becomes of it.
func pay(c *provider.Call, customer *provider.Entity[Customer], order paymentOrder, data *Payment) (*provider.Entity[Payment], error) {
	data.Merchant, data.Customer, data.Amount = customer.Data.Merchant, customer.ID(), order.Amount.written()
	data.RequestKey, data.ClientReference, data.SoftDescriptor = order.RequestKey, order.ClientReference, order.SoftDescriptor
	var err error
	if data.Cents, err = data.Amount.cents(); err != nil {
		return nil, err
	}
	account, err := preferredAccount(c, customer.ID())
	if err != nil {
		return nil, err
	}
	if account != nil {
		data.Account, data.LastFour = account.ID(), account.Data.lastFour()
	}
	name, err := payments.Next(c)
	if err != nil {
		return nil, err
	}
	made, err := payments.Create(c, name, paymentID(name), data, provider.ChildOf(customer), provider.MadeBy(cmp.Or(c.Principal.Client, customer.Client())))
	if isCode(err, "not_unique") {
		err = duplicate("/requestKey")
	}
	return made, err
}

// payAutomatically makes the payment that a session carries, once its account is linked.
func payAutomatically(c *provider.Call, s *provider.Entity[Session], customer *provider.Entity[Customer]) error {
	if s.Data.Payment == nil || s.Data.Product == productVerify {
		return nil
	}
	made, err := pay(c, customer, *s.Data.Payment, &Payment{Type: debit})
	if err != nil {
		return err
	}
	s.Data.PaymentID = made.ID()
	return nil
}

func viewPayment(e *provider.Entity[Payment]) paymentReply {
	return paymentReply{ID: e.ID(), Status: statusAtCreation(e.State()), ClientReference: e.Data.ClientReference, Error: errorOf(e)}
}

type refundReply struct {
	ID              string        `json:"refundId"`
	Payment         string        `json:"paymentId"`
	Status          string        `json:"refundStatus"`
	ClientReference string        `json:"clientReferenceId,omitzero"`
	Error           *errorDetails `json:"errorDetails,omitzero"`
}

// createRefund pays a debit back, in whole or in part. From then on it runs as a payout.
func createRefund(c *provider.Call) (provider.Reply, error) {
	var body struct {
		paymentOrder
		Payment string `json:"paymentId"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	paid, err := refundable(c, body.Payment, body.Amount)
	if err != nil {
		return provider.Reply{}, err
	}
	customer, err := ownCustomer(c, paid.Data.Customer)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := pay(c, customer, body.paymentOrder, &Payment{Type: credit, RefundOf: paid.ID()})
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.JSON(http.StatusCreated, refundReply{
		ID: made.ID(), Payment: paid.ID(), Status: statusAtCreation(made.State()), ClientReference: made.Data.ClientReference, Error: errorOf(made),
	}), nil
}

// refundable finds a debit of which so much may be paid back.
func refundable(c *provider.Call, id string, wanted amount) (*provider.Entity[Payment], error) {
	paid, err := ownPayment(c, id)
	if err != nil {
		return nil, err
	}
	if paid.Data.Type != debit || paid.State() != succeeded {
		return nil, problem.Newf(problem.Conflict, "", "Only a debit that is SUCCEEDED can be refunded; this is a %s that is %s", paid.Data.Type, statusOf(paid.State()))
	}
	cents, err := wanted.written().cents()
	if err != nil {
		return nil, err
	}
	refunded, err := refundsOf(c, id)
	if err == nil && refunded+cents > paid.Data.Cents {
		err = problem.New(problem.Invalid, "", "is more than is left of the debit after its refunds").At("/amount/value")
	}
	return paid, err
}

// refundsOf sums up, in cents, what was or is being paid back of a debit.
func refundsOf(c *provider.Call, id string) (sum int64, err error) {
	err = payments.List(c, byDebit, provider.Range{Prefix: provider.Key{}.Text(id)}, func(e *provider.Entity[Payment]) (bool, error) {
		if !slices.Contains([]string{terminalFailed, canceled}, e.State()) {
			sum += e.Data.Cents
		}
		return true, nil
	})
	return sum, err
}

// releasePayment lets a held payment go on. It may fail then.
func releasePayment(c *provider.Call) (provider.Reply, error) {
	e, err := ownPayment(c, c.Params["paymentId"])
	if err != nil {
		return provider.Reply{}, err
	}
	if e.State() != pending || !e.Data.Hold {
		return provider.Reply{}, problem.Newf(problem.Conflict, "", "Only a held payment can be released; this one is %s", statusOf(e.State()))
	}
	if err := payments.Fire(c, e, "release"); err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: viewPayment(e)}, nil
}

// cancelPayment stops a payment that did not leave for the bank yet.
func cancelPayment(c *provider.Call) (provider.Reply, error) {
	e, err := ownPayment(c, c.Params["paymentId"])
	if err != nil {
		return provider.Reply{}, err
	}
	if !slices.Contains([]string{created, pending, authorized, scheduled}, e.State()) {
		return provider.Reply{}, problem.Newf(problem.Conflict, "", "A payment that is %s can not be canceled any more", statusOf(e.State()))
	}
	if err := payments.Fire(c, e, "cancel"); err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: viewPayment(e)}, nil
}

type transactionView struct {
	ID              string          `json:"transactionId"`
	Status          string          `json:"transactionStatus"`
	ClientReference string          `json:"clientReferenceId,omitzero"`
	Customer        string          `json:"customerId"`
	Amount          amount          `json:"amount"`
	Account         *lastFourDigits `json:"accountDetails,omitzero"`
	Failure         *failureReason  `json:"transactionFailureReason,omitzero"`
	Hold            bool            `json:"hold,omitzero"`
}

type lastFourDigits struct {
	LastFour string `json:"accountLastFourDigits"`
}

func getTransaction(c *provider.Call) (provider.Reply, error) {
	e, err := ownPayment(c, c.Params["paymentId"])
	if err != nil {
		return provider.Reply{}, err
	}
	view := transactionView{
		ID: e.ID(), Status: statusOf(e.State()), ClientReference: e.Data.ClientReference, Customer: e.Data.Customer,
		Amount: e.Data.Amount, Failure: reasonFor(e), Hold: e.Data.Hold,
	}
	if e.Data.LastFour != "" {
		view.Account = &lastFourDigits{e.Data.LastFour}
	}
	return provider.Reply{Body: view}, nil
}
