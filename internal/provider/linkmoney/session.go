package linkmoney

import (
	"cmp"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const sessions provider.Kind[Session] = "session"

// The states of a session.
const (
	created  = "created"
	opened   = "opened"
	choosing = "choosing"
	linked   = "linked"
	left     = "left"
	failed   = "failed"
	expired  = "expired"
)

// The products.
const (
	productPay    = "PAY"
	productVerify = "VERIFY"
)

const sessionLife = 30 * time.Minute

// Session is a customer's visit to the hosted page, as it is stored and as expressions of scenario files see it. Its
// id is the session key.
type Session struct {
	SessionRequest
	Version     int       `json:"version"` // the generation of the API that made it: 1 or 2
	Merchant    string    `json:"merchant"`
	Customer    string    `json:"customerId"`
	ExpiresAt   time.Time `json:"expiresAt"`
	Bank        int       `json:"financialInstitutionId,omitzero"` // chosen at the login
	User        string    `json:"bankUser,omitzero"`               // who logged in there
	WrongLogins int       `json:"wrongLogins,omitzero"`            // so far
	Account     string    `json:"accountId,omitzero"`
	PaymentID   string    `json:"paymentId,omitzero"` // of the automatic payment
	Reason      string    `json:"reason,omitzero"`    // why it failed, for people
}

// SessionRequest is what a merchant says of a session. The first generation knows the person only.
type SessionRequest struct {
	Person
	Experience  string        `json:"experienceId,omitzero"`
	RedirectURL string        `json:"redirectUrl,omitzero"` // in the first generation, that of the page
	Address     *address      `json:"billingAddress,omitzero"`
	Order       *orderDetails `json:"orderDetails,omitzero"`
	Profile     *profile      `json:"customerProfile,omitzero"`
	Payment     *paymentOrder `json:"paymentDetails,omitzero"`
}

// Person is whose account is to be linked, and for what.
type Person struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
	Phone     string `json:"phoneNumber,omitzero"`
	Product   string `json:"product"`
}

type address struct {
	Street     string `json:"streetAddress"`
	City       string `json:"city"`
	State      string `json:"stateOrProvince"`
	PostalCode string `json:"postalCode,omitzero"`
	Country    string `json:"country"`
}

type orderDetails struct {
	Items    []orderItem `json:"items,omitzero"`
	Subtotal *amount     `json:"subtotalAmount,omitzero"`
	Discount *amount     `json:"discountAmount,omitzero"`
	Shipping *amount     `json:"shippingAmount,omitzero"`
	Tax      *amount     `json:"taxAmount,omitzero"`
	Total    *amount     `json:"totalAmount,omitzero"`
}

type orderItem struct {
	Name      string  `json:"name,omitzero"`
	Quantity  int     `json:"quantity,omitzero"`
	UnitPrice *amount `json:"unitAmount,omitzero"`
}

type profile struct {
	ID    string `json:"id,omitzero"`
	Guest bool   `json:"guestCheckout,omitzero"`
}

// paymentOrder is the payment that is made once the account is linked.
type paymentOrder struct {
	Amount          amount `json:"amount"`
	RequestKey      string `json:"requestKey"`
	ClientReference string `json:"clientReferenceId,omitzero"`
	SoftDescriptor  string `json:"softDescriptor,omitzero"`
}

func (l *linkmoney) sessionKind() provider.KindDef {
	return sessions.Define(provider.Def[Session]{
		Act: l.act,
		Effects: map[string]func(*provider.Call, *provider.Entity[Session]) error{
			"offer_account":   l.offerAccount,
			"link_account":    linkAccount,
			"abandon_account": abandonAccount,
		},
	})
}

const hexDigits = "0123456789abcdef"

// sessionKey has the look of the provider's example, and is no UUID.
func sessionKey(name provider.Name) string { return grouped(name, "session key", 11, 12, 5, 7) }

// grouped draws hex digits in groups of these lengths.
func grouped(name provider.Name, purpose string, lengths ...int) string {
	total := 0
	for _, n := range lengths {
		total += n
	}
	text, out := name.Text(purpose, total, hexDigits), ""
	for i, n := range lengths {
		if i > 0 {
			out += "-"
		}
		out, text = out+text[:n], text[n:]
	}
	return out
}

type sessionReply struct {
	Key string `json:"sessionKey"`
	URL string `json:"sessionUrl,omitzero"`
}

// createSession is the call of the first generation: the page is told by the SDK where to go back to.
func (l *linkmoney) createSession(c *provider.Call) (provider.Reply, error) {
	s := Session{Version: 1}
	if err := c.Bind(&s.Person); err != nil {
		return provider.Reply{}, err
	}
	made, err := newSession(c, &s)
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: sessionReply{Key: made.ID()}}, nil
}

// createSessionV2 is the call of the second generation, which says where to go back to, and may order a payment.
func (l *linkmoney) createSessionV2(c *provider.Call) (provider.Reply, error) {
	s := Session{Version: 2}
	if err := c.Bind(&s.SessionRequest); err != nil {
		return provider.Reply{}, err
	}
	if err := s.check(c); err != nil {
		return provider.Reply{}, err
	}
	made, err := newSession(c, &s)
	if err != nil {
		return provider.Reply{}, err
	}
	url := clientBase(c) + "/?sessionKey=" + made.ID() + "&sessionVersion=2"
	return provider.Reply{Body: sessionReply{Key: made.ID(), URL: url}}, nil
}

// check refuses what no schema can, and writes the amount as it is shown.
func (s *Session) check(c *provider.Call) error {
	if err := allowedRedirect(c, c.Principal.Settings, s.RedirectURL); err != nil {
		return problem.From(err).At("/redirectUrl")
	}
	if s.Payment == nil {
		return nil
	}
	s.Payment.Amount = s.Payment.Amount.written()
	return freshKey(c, merchant(c), s.Payment.RequestKey, "/paymentDetails/requestKey")
}

// newSession stores a session, and sees to its customer.
func newSession(c *provider.Call, s *Session) (*provider.Entity[Session], error) {
	s.Merchant, s.Product, s.ExpiresAt = merchant(c), cmp.Or(s.Product, productPay), c.Now().Add(sessionLife)
	name, err := sessions.Next(c)
	if err != nil {
		return nil, err
	}
	made, err := sessions.Create(c, name, sessionKey(name), s)
	if err != nil {
		return nil, err
	}
	customer, err := customerFor(c, made)
	if err != nil {
		return nil, err
	}
	made.Data.Customer = customer.ID()
	sessions.Update(c, made)
	return made, nil
}
