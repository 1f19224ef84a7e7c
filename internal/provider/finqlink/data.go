package finqlink

import (
	"slices"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

// The kinds of the data half. An account is a record below its consent.
const (
	consents provider.Kind[Consent] = "consent"
	jobs     provider.Kind[Job]     = "job"
)

// The states of a consent that code looks at, besides those that a link has too.
const (
	scaRetrieved = "sca_url_retrieved"
	authorized   = "authorized"
	active       = "active"
	lapsed       = "expired"
	suspended    = "suspended"
)

// The states of a job that code looks at: the first, and the three last.
const (
	jobStarted       = "job_started"
	accountsReady    = "accounts_ready"
	balancesReady    = "balances_ready"
	jobPartiallyDone = "job_partially_completed"
	jobDone          = "job_completed"
	jobFailed        = "job_failed"
)

// What a consent may open.
const (
	accountsScope     = "accounts"
	balancesScope     = "balances"
	transactionsScope = "transactions"
)

// Consent is an agreement that data may be read, as it is stored, and as expressions of scenario files see it. Its
// id and its client are the entity's. Who gave it is SCA.User: the user name or PSU ID of the login, which is empty
// where no page was used.
type Consent struct {
	flow
	Filter       aisFilter `json:"ais_method,omitzero"`
	Scope        []string  `json:"scope"`
	ValidityDays int       `json:"consent_validity_days"`
	Until        time.Time `json:"consent_expires_at,omitzero"` // end of the access to data; once it is authorised
	PSUID        string    `json:"psu_id,omitzero"`             // typed on the WebUI

	LastJob   string           `json:"last_job,omitzero"`
	LastJobAt time.Time        `json:"last_job_at,omitzero"`
	Accounts  []consentAccount `json:"accounts,omitzero"` // as the last job loaded them
}

// consentAccount is an account as its consent names it.
type consentAccount struct {
	ID       string `json:"id"`
	IBAN     string `json:"iban"`
	Currency string `json:"currency"`
	Name     string `json:"name"`
}

// opens tells whether a consent's scope holds a part of the data.
func (d *Consent) opens(part string) bool { return slices.Contains(d.Scope, part) }

// Job is one refresh of a consent's data: a child of the consent.
type Job struct {
	ConsentID   string    `json:"consent_id"`
	CallbackURL string    `json:"callback_url,omitzero"`
	StartedAt   time.Time `json:"started_at"`
	Results     results   `json:"results"`

	// What a story does to it: an account that fails, counted from 1, and accounts without any transactions.
	FailingAccount int  `json:"failing_account,omitzero"`
	Empty          bool `json:"empty,omitzero"`
}

// results are what a job has brought so far.
type results struct {
	Accounts     int        `json:"accounts"`
	Balances     int        `json:"balances"`
	Transactions movements  `json:"transactions"`
	Errors       []jobError `json:"errors"`
}

type movements struct {
	New     int `json:"new"`
	Updated int `json:"updated"`
}

// jobError is what went wrong in one step of a job: for one account, or, without an account, for all.
type jobError struct {
	AccountID string `json:"account_id,omitzero"`
	Step      string `json:"step"` // accounts, balances or transactions
	Message   string `json:"message"`
}
