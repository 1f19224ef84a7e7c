package link1

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// 1LINK documents no notifications. The status of requests to pay is told as an extension of the mock, to those
// applications that name a callback_url.

const (
	timestampHeader = "X-Mock-Timestamp"
	eventHeader     = "X-Mock-Event-Id"
	signatureHeader = "X-Mock-Signature"
)

// events number the events of a workspace; none is stored as an entity.
const events provider.Kind[struct{}] = "event"

type statusEvent struct {
	Event    string `json:"event"`
	ID       string `json:"eventId"`
	RTP      string `json:"rtpId"`
	Status   string `json:"rtpStatus"`
	STAN     string `json:"stan"`
	RRN      string `json:"rrn"`
	Merchant string `json:"merchantID"`
	Amount   string `json:"instructedAmount"`
	At       string `json:"occurredAt"`
}

func callback() provider.Channel {
	return provider.Channel{
		Name: "callback", Targets: callbackTargets, Body: callbackBody, Headers: callbackHeaders, Verify: verifyCallback,
		Schedule: []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour},
		Gone:     provider.GoneIsFailure,
	}
}

func callbackTargets(c *provider.Call, s provider.Subject, _ string) ([]string, error) {
	url, err := ofApp(c, requests.Of(s).Client(), "callback_url", func(a *App) string { return a.CallbackURL })
	if err != nil || url == "" {
		return nil, err
	}
	return []string{url}, nil
}

// ofApp reads what belongs to the application of a client: as one of its pairs says it, that client before any other,
// or else as the portal does.
func ofApp(c *provider.Call, client, setting string, portal func(*App) string) (string, error) {
	pair, err := credentials.Get(c, client)
	if err != nil {
		return "", err
	}
	pairs := []string{client}
	text := ""
	if pair != nil {
		app, err := apps.Get(c, pair.Data.App)
		if err != nil {
			return "", err
		}
		if app != nil {
			text = portal(app.Data)
		}
		err = credentials.List(c, byApp, provider.Range{Prefix: appKey(pair.Data.App)}, func(e *provider.Entity[Credential]) (bool, error) {
			pairs = append(pairs, e.ID())
			return true, nil
		})
		if err != nil {
			return "", err
		}
	}
	for _, id := range pairs {
		known, err := c.Client(id)
		if err != nil {
			return "", err
		}
		if known == nil {
			continue
		}
		if said, _ := known.Settings[setting].(string); said != "" {
			return said, nil
		}
	}
	return text, nil
}

func callbackBody(c *provider.Call, s provider.Subject, _ string) (any, error) {
	name, err := events.Next(c)
	e := requests.Of(s)
	return statusEvent{
		Event: "rtp.status", ID: fmt.Sprintf("evt-%04d", name.Number), RTP: e.ID(), Status: e.State(), STAN: e.Data.STAN, RRN: e.Data.RRN,
		Merchant: e.Data.Merchant, Amount: e.Data.AmountText, At: c.Now().UTC().Format(time.RFC3339),
	}, err
}

func callbackSecret(c *provider.Call, client string) (string, error) {
	return ofApp(c, client, "callback_secret", func(a *App) string { return a.CallbackSecret })
}

func callbackHeaders(c *provider.Call, n provider.Notification, spoil provider.Spoil) (func() (http.Header, error), error) {
	secret, err := callbackSecret(c, n.Client)
	if err != nil {
		return nil, err
	}
	if spoil.BadSignature {
		secret += " "
	}
	at := strconv.FormatInt(c.Now().Unix(), 10)
	return func() (http.Header, error) {
		return http.Header{timestampHeader: {at}, eventHeader: {n.ID}, signatureHeader: {signCallback(secret, at, n.Body)}}, nil
	}, nil
}

// signCallback is the HMAC-SHA-256 of timestamp, a point and the body, in hex.
func signCallback(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// verifyCallback does what a receiver does, who knows its application: here the signature may be that of any.
func verifyCallback(c *provider.Call, header http.Header, body []byte) (bool, error) {
	signature := header.Get(signatureHeader)
	if signature == "" {
		return false, nil
	}
	clients, err := c.Clients()
	if err != nil {
		return true, err
	}
	for _, client := range clients {
		secret, err := callbackSecret(c, client.ID)
		if err != nil {
			return true, err
		}
		if hmac.Equal([]byte(signCallback(secret, header.Get(timestampHeader), body)), []byte(signature)) {
			return true, nil
		}
	}
	return true, problem.New(problem.Unauthenticated, "", signatureHeader+" is not the signature of this body by any callback_secret")
}
