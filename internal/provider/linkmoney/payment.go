package linkmoney

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const payments provider.Kind[Payment] = "payment"

// The states of a payment that code looks at; the law has more.
const (
	pending         = "pending"
	authorized      = "authorized"
	scheduled       = "scheduled"
	succeeded       = "succeeded"
	retryableFailed = "retryable_failed"
	terminalFailed  = "terminal_failed"
	canceled        = "canceled"
)

// What a payment is.
const (
	debit  = "Debit"
	credit = "Credit"
)

// Payment is a debit, a payout or a refund, as it is stored and as expressions of scenario files see it. Its id is the
// paymentId.
type Payment struct {
	Merchant        string `json:"merchant"`
	Customer        string `json:"customerId"`
	Type            string `json:"paymentType"`
	RefundOf        string `json:"refundOf,omitzero"` // the paymentId of the debit
	Amount          amount `json:"amount"`
	Cents           int64  `json:"cents"`
	RequestKey      string `json:"requestKey"`
	ClientReference string `json:"clientReferenceId,omitzero"`
	SoftDescriptor  string `json:"softDescriptor,omitzero"`
	Account         string `json:"accountId,omitzero"`
	LastFour        string `json:"accountLastFourDigits,omitzero"`
	Hold            bool   `json:"hold"`
	Disbursed       bool   `json:"disbursed"`
	ErrorCode       string `json:"errorCode,omitzero"`     // why it was declined
	ACHReturnCode   string `json:"achReturnCode,omitzero"` // with which it came back last
}

// The indexes: one that finds a merchant's payment by its request key, one that lists the refunds of a debit.
const (
	byRequestKey = "request_key"
	byDebit      = "debit"
)

func paymentKind() provider.KindDef {
	return payments.Define(provider.Def[Payment]{
		Parent: string(customers),
		Index: func(e *provider.Entity[Payment]) []provider.Index {
			all := []provider.Index{{Name: byRequestKey, Unique: true, Key: requestKey(e.Data.Merchant, e.Data.RequestKey)}}
			if e.Data.RefundOf != "" {
				all = append(all, provider.Index{Name: byDebit, Key: provider.Key{}.Text(e.Data.RefundOf).Text(e.ID())})
			}
			return all
		},
		Effects: map[string]func(*provider.Call, *provider.Entity[Payment]) error{"lose_account": loseAccount},
	})
}

func requestKey(merchant, key string) provider.Key { return provider.Key{}.Text(merchant).Text(key) }

// paymentID has the look of the provider's example, and is no UUID.
func paymentID(name provider.Name) string { return grouped(name, "payment id", 9, 4, 4, 4, 11) }

// loseAccount is what a bank does that finds the account of a payment inactive.
func loseAccount(c *provider.Call, e *provider.Entity[Payment]) error {
	account, err := accounts.Get(c, e.Data.Account)
	if err != nil || account == nil || account.State() != active {
		return err
	}
	return accounts.Fire(c, account, "deactivate")
}

const duplicateRequestKey = "DUPLICATE_REQUEST_KEY"

func duplicate(pointer string) error {
	return problem.New(problem.Conflict, duplicateRequestKey, "A payment with this requestKey exists already: each payment call needs a key of its own").At(pointer)
}

// freshKey refuses a request key that a payment of the merchant has.
func freshKey(c *provider.Call, merchant, key, pointer string) error {
	known, err := payments.Find(c, byRequestKey, requestKey(merchant, key))
	if err == nil && known != nil {
		err = duplicate(pointer)
	}
	return err
}

// The statuses that a payment may have when it is made.
const (
	statusPending    = "PENDING"
	statusAuthorized = "AUTHORIZED"
	statusFailed     = "TERMINAL_FAILED"
	statusCanceled   = "CANCELED"
)

// statusOf is a payment's status as the read-back shows it.
func statusOf(state string) string { return strings.ToUpper(state) }

// statusAtCreation is one of the three that replies to creating calls know. What was not decided is pending.
func statusAtCreation(state string) string {
	switch state {
	case created, pending:
		return statusPending
	case terminalFailed:
		return statusFailed
	case canceled:
		return statusCanceled
	}
	return statusAuthorized
}

// declines are the reasons for which a payment fails inside the call.
var declines = map[string]string{
	"PAYMENT_DECLINED":   "Transaction amount is greater than the limit.",
	"INSUFFICIENT_FUNDS": "Insufficient funds in the customer's account.",
	"ACCOUNT_INACTIVE":   "The customer's account is not active.",
	"BANK_UNAVAILABLE":   "The customer's bank could not be reached.",
	"RISK_DECLINED":      "The payment was declined by risk rules.",
}

// returns are the codes of the ACH network with which a payment comes back.
var returns = map[string]string{
	"R01": "Insufficient funds",
	"R02": "Account closed",
	"R03": "No account or unable to locate account",
	"R04": "Invalid account number",
	"R07": "Authorization revoked by customer",
	"R08": "Payment stopped",
	"R10": "Customer advises unauthorized",
	"R16": "Account frozen",
	"R20": "Non-transaction account",
	"R29": "Corporate customer advises not authorized",
}

type errorDetails struct {
	Code    string `json:"errorCode"`
	Message string `json:"errorMessage"`
}

// errorOf is why a payment failed inside the call; nil where it did not.
func errorOf(e *provider.Entity[Payment]) *errorDetails {
	if e.State() != terminalFailed || e.Data.ErrorCode == "" {
		return nil
	}
	return &errorDetails{Code: e.Data.ErrorCode, Message: cmp.Or(declines[e.Data.ErrorCode], "The payment was declined.")}
}

type failureReason struct {
	Code        string `json:"code"`
	Description string `json:"description"`
}

// reasonFor is why a payment that failed did so; nil for any other.
func reasonFor(e *provider.Entity[Payment]) *failureReason {
	if !slices.Contains([]string{retryableFailed, terminalFailed}, e.State()) {
		return nil
	}
	if code := e.Data.ACHReturnCode; code != "" {
		return &failureReason{Code: code, Description: cmp.Or(returns[code], "Returned by the bank")}
	}
	if declined := errorOf(e); declined != nil {
		return &failureReason{Code: declined.Code, Description: declined.Message}
	}
	return nil
}

// ownPayment finds a debit, payout or refund of the calling merchant.
func ownPayment(c *provider.Call, id string) (*provider.Entity[Payment], error) {
	e, err := payments.Get(c, id)
	if err == nil && (e == nil || e.Data.Merchant != merchant(c)) {
		err = problem.New(problem.NotFound, "", "There is no such payment")
	}
	return e, err
}
