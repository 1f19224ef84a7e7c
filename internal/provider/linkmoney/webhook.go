package linkmoney

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The values of signature_mode.
const (
	signHMAC     = "hmac"
	signVerbatim = "verbatim" // the bare secret
	signNone     = "none"
)

const shapeMetadata = "metadata" // of webhook_shape

// events number the events of a workspace; none is stored as an entity.
const events provider.Kind[struct{}] = "event"

// event is a notification as the provider documents it.
type event struct {
	ID              string `json:"id"`
	Created         string `json:"creationTime"`
	Type            string `json:"eventType"`
	ClientReference string `json:"clientReferenceId,omitzero"`
	Resource        string `json:"resourceId"`
	ResourceType    string `json:"resourceType"` // Customer or Payment
	PaymentType     string `json:"paymentType,omitzero"`
	ACHReturnCode   string `json:"achReturnCode,omitzero"`
}

// nestedEvent is a notification as integrators meet it too.
type nestedEvent struct {
	ID           string   `json:"id"`
	Created      string   `json:"creationTime"`
	Type         string   `json:"eventType"`
	Resource     string   `json:"resourceId"`
	ResourceType string   `json:"resourceType"`
	Metadata     metadata `json:"metadata"`
}

type metadata struct {
	ClientReference string `json:"clientReferenceId,omitzero"`
	TransactionType string `json:"transactionType,omitzero"`
	ACHReturnCode   string `json:"achReturnCode,omitzero"`
}

func (e event) nested() nestedEvent {
	return nestedEvent{
		ID: e.ID, Created: e.Created, Type: e.Type, Resource: e.Resource, ResourceType: strings.ToLower(e.ResourceType),
		Metadata: metadata{ClientReference: e.ClientReference, TransactionType: strings.ToLower(e.PaymentType), ACHReturnCode: e.ACHReturnCode},
	}
}

func channel() provider.Channel {
	return provider.Channel{
		Name: "webhook", Targets: targets, Body: eventBody, Headers: signed, Verify: verify,
		Schedule: []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute},
		Timeout:  15 * time.Second,
		Gone:     provider.GoneEndsDelivery,
	}
}

// merchantOf is whose customer or payment a notification is about.
func merchantOf(s provider.Subject) string {
	if e := customers.Of(s); e != nil {
		return e.Data.Merchant
	}
	return payments.Of(s).Data.Merchant
}

// clientOf is the client through which that came to be.
func clientOf(s provider.Subject) string {
	if e := customers.Of(s); e != nil {
		return e.Client()
	}
	return payments.Of(s).Client()
}

// targets are the merchant's subscriptions to the type. Where a merchant has none at all, the client's address is
// notified, or the workspace's.
func targets(c *provider.Call, s provider.Subject, kind string) ([]string, error) {
	all, err := subscriptionsOf(c, merchantOf(s))
	if err != nil {
		return nil, err
	}
	var urls []string
	asked := false
	for _, e := range all {
		asked = asked || !e.Data.Ended
		if !e.Data.Ended && slices.Contains(e.Data.EventTypes, kind) {
			urls = append(urls, e.Data.URL)
		}
	}
	if asked {
		return urls, nil
	}
	client, err := c.Client(clientOf(s))
	if err != nil {
		return nil, err
	}
	url := c.WebhookURL()
	if client != nil {
		url = cmp.Or(client.WebhookURL, url)
	}
	if url == "" {
		return nil, nil
	}
	return []string{url}, nil
}

func eventBody(c *provider.Call, s provider.Subject, kind string) (any, error) {
	name, err := events.Next(c)
	if err != nil {
		return nil, err
	}
	e := event{ID: "evt-" + name.Text("event", 16, hexDigits), Created: stamp(c.Now()), Type: kind}
	if customer := customers.Of(s); customer != nil {
		e.Resource, e.ResourceType = customer.ID(), "Customer"
	} else {
		e.about(payments.Of(s))
	}
	if provider.Setting[string](c, "webhook_shape") == shapeMetadata {
		return e.nested(), nil
	}
	return e, nil
}

// about says what the event tells of a payment.
func (e *event) about(payment *provider.Entity[Payment]) {
	p := payment.Data
	e.Resource, e.ResourceType, e.PaymentType, e.ClientReference = payment.ID(), "Payment", p.Type, p.ClientReference
	if e.Type == "payment.failed" {
		e.ACHReturnCode = p.ACHReturnCode
	}
}

// signed signs for the subscription to whose address the notification goes. Whoever did not subscribe agreed on no
// secret, and gets no signature.
func signed(c *provider.Call, n provider.Notification, spoil provider.Spoil) (func() (http.Header, error), error) {
	unsigned := func() (http.Header, error) { return http.Header{}, nil }
	secret, err := secretFor(c, n)
	mode := provider.Setting[string](c, "signature_mode")
	if err != nil || secret == "" || mode == signNone {
		return unsigned, err
	}
	if spoil.BadSignature {
		secret += " spoilt"
	}
	header := provider.Setting[string](c, "signature_header")
	return func() (http.Header, error) {
		signature := http.Header{}
		signature.Set(header, sign(mode, secret, n.Body))
		return signature, nil
	}, nil
}

func secretFor(c *provider.Call, n provider.Notification) (string, error) {
	client, err := c.Client(n.Client)
	if err != nil || client == nil {
		return "", err
	}
	merchant, _ := c.SettingsOf(client)["merchant_id"].(string)
	e, err := subscriptionAt(c, merchant, n.Target)
	if err != nil || e == nil {
		return "", err
	}
	return e.Data.SecretKey, nil
}

// sign is what the header holds.
func sign(mode, secret string, body []byte) string {
	if mode == signVerbatim {
		return secret
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// verify does what a receiver does, who knows its own secret: here it may be that of any subscription.
func verify(c *provider.Call, header http.Header, body []byte) (bool, error) {
	signature := header.Get(provider.Setting[string](c, "signature_header"))
	mode := provider.Setting[string](c, "signature_mode")
	if signature == "" || mode == signNone {
		return false, nil
	}
	all, err := subscriptionsOf(c, "")
	if err != nil {
		return true, err
	}
	for _, e := range all {
		if hmac.Equal([]byte(sign(mode, e.Data.SecretKey, body)), []byte(signature)) {
			return true, nil
		}
	}
	return true, problem.New(problem.Unauthenticated, "", "the signature is not that of this body by the secretKey of any subscription")
}
