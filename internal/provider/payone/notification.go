package payone

import (
	"crypto/hmac"
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictjson"
)

const (
	requestIDHeader = "X-Request-ID"
	authCodeHeader  = "X-Auth-Code"

	executionType    = "PAYONE_LINK_EXECUTION"
	executionVersion = "1.0"

	sendTimeout = 10 * time.Second
)

// retries are the waits before the second and later attempts of both channels.
var retries = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// execution is the body of the notification that a link was executed. All values are texts.
type execution struct {
	Header struct {
		Type struct {
			Type    string `json:"type"`
			Version string `json:"version"`
		} `json:"notificationType"`
		MerchantID string `json:"merchantId"`
		AccountID  string `json:"accountId"`
		PortalID   string `json:"portalId"`
		Mode       string `json:"mode"`
	} `json:"header"`
	Data struct {
		LinkID         string `json:"linkId"`
		PaymentProcess string `json:"paymentProcess"`
		Status         string `json:"executionStatus"`
		Method         string `json:"paymentMethod"`
		Time           string `json:"executionTime"`
	} `json:"linkExecutionData"`
}

// answers are the execution statuses, by the state into which the first answer brought the payment.
var answers = map[string]string{appointed: "APPROVED", redirected: "REDIRECTED", pending: "PENDING", failed: "ERROR"}

// executions is the channel to a link's notifyUrl.
func executions() provider.Channel {
	return provider.Channel{
		Name: "notify", Targets: notifyTargets, Body: executionBody, Headers: authenticated, Verify: verifyExecution,
		Accepted: func(status int, _ []byte) bool { return status == http.StatusOK },
		Schedule: retries, Timeout: sendTimeout, Gone: provider.GoneIsFailure,
	}
}

// linkPaid is the link whose execution made the payment that a notification is about.
func linkPaid(c *provider.Call, s provider.Subject) (*provider.Entity[Payment], *provider.Entity[Link], error) {
	payment := payments.Of(s)
	link, err := links.Get(c, payment.Data.LinkID)
	if err == nil && link == nil {
		err = problem.Newf(problem.Internal, "", "There is no link of the payment %s", payment.ID())
	}
	return payment, link, err
}

func notifyTargets(c *provider.Call, s provider.Subject, _ string) ([]string, error) {
	_, link, err := linkPaid(c, s)
	if err != nil || link.Data.NotifyURL == "" {
		return nil, err
	}
	return []string{link.Data.NotifyURL}, nil
}

func executionBody(c *provider.Call, s provider.Subject, _ string) (any, error) {
	payment, link, err := linkPaid(c, s)
	if err != nil {
		return nil, err
	}
	var e execution
	e.Header.Type.Type, e.Header.Type.Version = executionType, executionVersion
	e.Header.MerchantID, e.Header.AccountID, e.Header.PortalID = link.Data.MerchantID, link.Data.AccountID, link.Data.PortalID
	e.Header.Mode = link.Data.Mode
	e.Data.LinkID, e.Data.PaymentProcess, e.Data.Method = link.ID(), payment.ID(), payment.Data.Method
	e.Data.Status, e.Data.Time = answers[payment.State()], payment.Created().UTC().Format(time.RFC3339)
	return e, nil
}

// authenticated signs with the portal's key. A code that must not verify is made with another.
func authenticated(c *provider.Call, n provider.Notification, spoil provider.Spoil) (func() (http.Header, error), error) {
	key, err := portalKey(c, n.Client)
	if err != nil {
		return nil, err
	}
	if spoil != (provider.Spoil{}) {
		key = "not " + key
	}
	return func() (http.Header, error) {
		header := http.Header{}
		header.Set(requestIDHeader, n.ID)
		header.Set(authCodeHeader, authCode(key, n.ID, n.Body))
		return header, nil
	}, nil
}

// verifyExecution does what a receiver has to.
func verifyExecution(c *provider.Call, header http.Header, body []byte) (bool, error) {
	sent := header.Get(authCodeHeader)
	if sent == "" {
		return false, nil
	}
	var e execution
	if err := strictjson.Unmarshal(body, &e); err != nil {
		return true, err
	}
	key, err := portalKey(c, e.Header.PortalID)
	if err != nil {
		return true, err
	}
	if key == "" || !hmac.Equal([]byte(authCode(key, header.Get(requestIDHeader), body)), []byte(sent)) {
		return true, problem.New(problem.Unauthenticated, "", "X-Auth-Code is not that of this body and X-Request-ID under the portal's key")
	}
	return true, nil
}
