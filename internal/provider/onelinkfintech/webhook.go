package onelinkfintech

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The provider offers no webhooks. These are an extension of the mock, off until a platform names a target.

const signatureHeader = "OneLink-Signature"

// events number the events of a workspace; none is stored as an entity.
const events provider.Kind[struct{}] = "event"

type event struct {
	ID        string    `json:"id"`
	Object    string    `json:"object"`
	Type      string    `json:"type"`
	CreatedAt string    `json:"created_at"`
	Data      eventData `json:"data"`
}

type eventData struct {
	Object any `json:"object"`
}

func channel() provider.Channel {
	return provider.Channel{
		Name: "webhook", Targets: targets, Body: eventBody, Headers: signed, Verify: verify,
		Schedule: []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour},
		Timeout:  10 * time.Second,
		Gone:     provider.GoneIsFailure,
	}
}

// about is the object of an event, and whose it is.
func about(s provider.Subject) (view any, platform int, client string) {
	if e := accounts.kind.Of(s); e != nil {
		return viewAccount(e, nil), e.Data.Platform, e.Client()
	}
	e := payments.kind.Of(s)
	return viewPayment(e, nil), e.Data.Platform, e.Client()
}

// targets is the platform's, else the workspace's.
func targets(c *provider.Call, s provider.Subject, _ string) ([]string, error) {
	_, platform, client := about(s)
	url, err := written(c, platform, client, func(client *oauth.Client) string {
		url, _ := client.Settings["webhook_url"].(string)
		return cmp.Or(url, client.WebhookURL)
	})
	if url = cmp.Or(url, c.WebhookURL()); err != nil || url == "" {
		return nil, err
	}
	return []string{url}, nil
}

// written finds what one of a platform's keys says for all of it: the first that says something, and the one that
// was called with before any other.
func written(c *provider.Call, platform int, first string, say func(*oauth.Client) string) (string, error) {
	clients, err := c.Clients()
	said := ""
	for _, client := range clients {
		if provider.Whole(c.SettingsOf(client)["platform"]) != platform {
			continue
		}
		if text := say(client); text != "" && (said == "" || client.ID == first) {
			said = text
		}
	}
	return said, err
}

func eventBody(c *provider.Call, s provider.Subject, kind string) (any, error) {
	name, err := events.Next(c)
	view, _, _ := about(s)
	return event{
		ID: fmt.Sprintf("evt_%09d", name.Number), Object: "event", Type: kind, CreatedAt: stamp(c.Now()), Data: eventData{view},
	}, err
}

// signed signs an attempt at its own time.
func signed(c *provider.Call, n provider.Notification, spoil provider.Spoil) (func() (http.Header, error), error) {
	secret, err := secretOf(c, n.Client)
	if err != nil {
		return nil, err
	}
	if spoil.BadSignature {
		secret += " "
	}
	at := strconv.FormatInt(c.Now().Unix(), 10)
	return func() (http.Header, error) {
		return http.Header{signatureHeader: {"t=" + at + ",v1=" + sign(secret, at, n.Body)}}, nil
	}, nil
}

// sign is the HMAC-SHA-256 of the timestamp, a point and the body, in hex.
func sign(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// secretOf is the webhook secret of the platform to which a key belongs.
func secretOf(c *provider.Call, id string) (string, error) {
	client, err := c.Client(id)
	if err != nil {
		return "", err
	}
	if client == nil {
		client = &oauth.Client{} // Of a key that is gone: the defaults hold.
	}
	settings := c.SettingsOf(client)
	secret, err := written(c, provider.Whole(settings["platform"]), id, func(client *oauth.Client) string {
		secret, _ := client.Settings["webhook_secret"].(string)
		return secret
	})
	usual, _ := settings["webhook_secret"].(string)
	return cmp.Or(secret, usual), err
}

// verify does what a receiver does, who knows its platform: here the signature may be that of any.
func verify(c *provider.Call, header http.Header, body []byte) (bool, error) {
	at, signature, ok := strings.Cut(header.Get(signatureHeader), ",v1=")
	at, timed := strings.CutPrefix(at, "t=")
	if !ok || !timed {
		return header.Get(signatureHeader) != "", problem.New(problem.Unauthenticated, "", signatureHeader+" is not of the form t=<seconds>,v1=<hex>")
	}
	clients, err := c.Clients()
	if err != nil {
		return true, err
	}
	for _, client := range append(clients, &oauth.Client{}) {
		secret, err := secretOf(c, client.ID)
		if err != nil {
			return true, err
		}
		if hmac.Equal([]byte(sign(secret, at, body)), []byte(signature)) {
			return true, nil
		}
	}
	return true, problem.New(problem.Unauthenticated, "", "v1 is not the signature of this body by any webhook_secret")
}
