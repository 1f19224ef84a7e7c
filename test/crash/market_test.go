package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// inMarket is a workspace in which money moves. Its timers run sixty times as fast as the machine's clock.
const inMarket = "market"

// keysOf are the API keys of the platforms, and each platform has a settlement account in EUR.
var (
	keysOf      = map[int]string{1: "sk_test_mock_0000000000000001", 2: "sk_test_mock_0000000000000002"}
	settlements = map[int]string{1: "acc_100000001", 2: "acc_200000001"}
)

// openings are the balances that accounts are born with. Those of stories that fund one are of their owners.
var openings = map[string]int64{"acc_100000001": 100000000, "acc_100000002": 100000000, "acc_100000003": 100000000, "acc_200000001": 500}

const prefunded, funds = "funded@example.com", 100000

// paper is a payment or an account as the provider's API shows it.
type paper struct {
	ID          string `json:"id"`
	Status      string `json:"status"`
	Currency    string `json:"currency"`
	Amount      int64  `json:"amount"`
	Sender      string `json:"sender"`
	Recipient   string `json:"recipient"`
	Description string `json:"description"`
	Balance     int64  `json:"balance"`
	Owner       struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	} `json:"owner"`
}

// order is a request that makes something.
type order struct {
	name     string // its Idempotency-Key; what it makes bears it as description, or as its owner's name
	platform int
	path     string
	body     map[string]any
	round    int
	first    *answer // nil: nobody heard one
}

// made is what the order was told to have made.
func (o *order) made() (p paper, ok bool) {
	if o.first == nil || o.first.status != http.StatusCreated {
		return p, false
	}
	return p, json.Unmarshal([]byte(o.first.body), &p) == nil
}

// deposit is test money for one account.
type deposit struct {
	account string
	amount  int64
}

// market is all that was told of money, over all runs.
type market struct {
	mu       sync.Mutex
	orders   map[string]*order
	accounts map[int][]string  // by platform, those in EUR
	seen     map[string]string // the furthest state that was told of a payment
	walks    map[string]string // the state to which the history of a payment was held
	payments []string
	deposits map[string]int64 // by account
	doubt    *deposit         // one of which nobody heard whether it came
	lost     int              // orders that a kill left without an answer
	doubts   int              // deposits likewise
	repeats  int              // answers that were the first ones again
	forced   int              // events that were taken
	odd      []error
}

func newMarket() *market {
	m := &market{orders: map[string]*order{}, accounts: map[int][]string{}, seen: map[string]string{}, walks: map[string]string{}, deposits: map[string]int64{}}
	for platform, id := range settlements {
		m.accounts[platform] = []string{id}
	}
	return m
}

// answered takes an answer to an order: the first one, or a repeat of it.
func (m *market) answered(o *order, got answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case o.first != nil:
		m.repeats++
		if got.status != o.first.status || got.body != o.first.body || got.header.Get("Idempotent-Replayed") != "true" {
			m.odd = append(m.odd, fmt.Errorf("%s was answered\n%d %s\nand again\n%d %s", o.name, o.first.status, o.first.body, got.status, got.body))
		}
	case got.status == http.StatusInternalServerError && o.body["recipient"] == faulty:
		delete(m.orders, o.name) // nothing may ever be there of it
	case got.status == http.StatusCreated || got.status == http.StatusBadRequest && refusesFunds(got.body):
		o.first = &got
		m.file(o)
	default:
		m.odd = append(m.odd, &refused{what: o.name, status: got.status, body: got.body})
	}
}

func refusesFunds(body string) bool {
	var refusal struct{ Error struct{ Type string } }
	return json.Unmarshal([]byte(body), &refusal) == nil && refusal.Error.Type == "insufficient_funds"
}

// file keeps the id of what was made.
func (m *market) file(o *order) {
	made, ok := o.made()
	switch {
	case !ok:
	case o.path == "/payments":
		m.payments = append(m.payments, made.ID)
		m.note(made.ID, made.Status)
	case made.Currency == "EUR":
		m.accounts[o.platform] = append(m.accounts[o.platform], made.ID)
	}
}

// note keeps the news of a payment, and no old ones.
func (m *market) note(payment, state string) {
	if leads(m.seen[payment], state) {
		m.seen[payment] = state
	}
}

// took is the outcome of a forced event. It is refused when the payment has gone on meanwhile.
func (m *market) took(e entity, err error) (goOn bool) {
	var no *refused
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil:
		m.forced++
		m.note(e.ID, e.State)
	case !errors.As(err, &no):
		return false
	case no.status != http.StatusConflict:
		m.odd = append(m.odd, err)
	}
	return true
}

// place sends an order, and once more when the connection was lost.
func (a *api) place(ctx context.Context, m *market, o *order) (heard bool) {
	for range 2 {
		header := http.Header{"Authorization": {"Bearer " + keysOf[o.platform]}, "Idempotency-Key": {o.name}}
		if got, err := a.send(ctx, http.MethodPost, onelink(o.path), header, o.body); err == nil {
			m.answered(o, got)
			return true
		}
	}
	return false
}

func onelink(path string) string { return "/w/" + inMarket + "/onelinkfintech/v1" + path }

// force fires an event at something of the market.
func (a *api) force(ctx context.Context, kind, id, event string, set map[string]any) (e entity, err error) {
	body := map[string]any{"event": event}
	if set != nil {
		body["set"] = set
	}
	err = a.call(ctx, http.MethodPost, control(inMarket, "/entities/onelinkfintech/"+kind+"/"+id+"/events"), body, &e)
	return e, err
}
