package finqlink

import (
	"bytes"
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const (
	signatureHeader = "X-Signature"
	kidHeader       = "X-Signature-Kid"

	// outboundAddress is the one from which the provider's sandbox sends.
	outboundAddress = "34.89.170.122"
)

// The bodies of the three updates, member for member.
type (
	linkUpdate struct {
		Type   string `json:"type"`
		LinkID string `json:"link_id"`
		WebID  string `json:"web_id"`
		Status string `json:"status"`
	}
	consentUpdate struct {
		Type      string `json:"type"`
		ConsentID string `json:"consent_id"`
		WebID     string `json:"web_id"`
		Status    string `json:"status"`
	}
	jobUpdate struct {
		Type      string `json:"type"`
		ConsentID string `json:"consent_id"`
		JobID     string `json:"job_id"`
		Status    string `json:"status"`
	}
)

// channel sends status updates. The signature is a JWS with the body attached, byte for byte, so that whoever
// verifies it has to compare it with what came.
func channel() provider.Channel {
	return provider.Channel{
		Name: "webhook", Targets: targets, Body: statusBody, Headers: signed, Verify: verify,
		Schedule: []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute},
		Gone:     provider.GoneEndsDelivery,
	}
}

// targets is the link's, consent's or job's own, else the client's, else the workspace's.
func targets(c *provider.Call, s provider.Subject, _ string) ([]string, error) {
	owner, own := listener(s)
	client, err := c.Client(owner)
	if err != nil {
		return nil, err
	}
	candidates := []string{own, "", c.WebhookURL()}
	if client != nil {
		candidates[1] = client.WebhookURL
	}
	for _, url := range candidates {
		if url != "" {
			return []string{url}, nil
		}
	}
	return nil, nil
}

// listener gives the client whose subject it is, and the address that came with it.
func listener(s provider.Subject) (client, url string) {
	if e := links.Of(s); e != nil {
		return e.Client(), e.Data.Options.CallbackURL
	}
	if e := consents.Of(s); e != nil {
		return e.Client(), e.Data.Options.CallbackURL
	}
	e := jobs.Of(s)
	return e.Client(), e.Data.CallbackURL
}

func statusBody(_ *provider.Call, s provider.Subject, kind string) (any, error) {
	if e := links.Of(s); e != nil {
		return linkUpdate{Type: kind, LinkID: e.ID(), WebID: e.Data.WebID, Status: e.State()}, nil
	}
	if e := consents.Of(s); e != nil {
		return consentUpdate{Type: kind, ConsentID: e.ID(), WebID: e.Data.WebID, Status: e.State()}, nil
	}
	e := jobs.Of(s)
	return jobUpdate{Type: kind, ConsentID: e.Data.ConsentID, JobID: e.ID(), Status: e.State()}, nil
}

func signed(c *provider.Call, n provider.Notification, spoil provider.Spoil) (func() (http.Header, error), error) {
	sign, kid, err := c.Sign(webhookKeys, n.Body, spoil)
	if err != nil {
		return nil, err
	}
	header := http.Header{kidHeader: {kid}}
	if provider.Setting[bool](c, "outbound_ip_header") {
		header.Set("X-Forwarded-For", outboundAddress)
	}
	return func() (http.Header, error) {
		signature, err := sign()
		header.Set(signatureHeader, signature)
		return header, err
	}, nil
}

// verify does what a receiver has to: find the key, check the signature, and compare what was signed with what
// came.
func verify(c *provider.Call, header http.Header, body []byte) (bool, error) {
	signature := header.Get(signatureHeader)
	if signature == "" {
		return false, nil
	}
	payload, kid, err := c.Open(webhookKeys, signature)
	switch {
	case err != nil:
		return true, err
	case kid != header.Get(kidHeader):
		return true, problem.New(problem.Unauthenticated, "", "x-signature-kid is not the kid of the signature")
	case !bytes.Equal(payload, body):
		return true, problem.New(problem.Unauthenticated, "", "what was signed is not the body that came")
	}
	return true, nil
}
