package control_test

import (
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/app"
)

const publicKey = `-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A\niTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==\n-----END PUBLIC KEY-----`

func TestClients(t *testing.T) {
	h := build(t, nil)
	const mine, demo = "/workspaces/a/clients/toy/mine", "/workspaces/a/clients/toy/demo"
	a := h.want(201, "PUT", mine, `{"name":"Mine","secret":"s3cret","scopes":["a"],"webhook_url":"http://inbox.localhost/a/x","settings":{"ais":false}}`)
	if a.text("name") != "Mine" || a.at("settings", "ais") != false || a.text("webhook_url") == "" {
		t.Errorf("as made: %s", a.raw)
	}
	a = h.want(200, "PUT", mine, `{"name":"","public_key_pem":"`+publicKey+`"}`)
	if a.at("name") != nil || a.text("secret") != "********" || !strings.Contains(a.text("public_key_pem"), "BEGIN PUBLIC KEY") {
		t.Errorf("as changed: %s", a.raw)
	}
	a = h.want(200, "PUT", mine, `{"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}}`)
	if a.at("public_key_pem") != nil || a.text("jwks", "keys", 0, "kid") != "k1" {
		t.Errorf("one form of key did not replace the other: %s", a.raw)
	}
	if a := h.want(200, "PUT", demo, `{"webhook_url":"http://inbox.localhost/a/y"}`); a.text("secret") == "" || a.text("name") != "Demo" {
		t.Errorf("a shipped client lost what was not given: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/b/clients/toy/demo", ""); a.at("webhook_url") != nil {
		t.Errorf("another workspace sees the change: %s", a.raw)
	}
	h.want(204, "DELETE", demo, "")
	h.want(404, "GET", demo, "")
	h.want(404, "DELETE", demo, "")
	if a := h.want(200, "GET", "/workspaces/a/clients?provider=toy", ""); a.len("items") != 1 {
		t.Errorf("the list: %s", a.raw)
	}
	h.want(201, "PUT", demo, `{}`)
	h.want(404, "GET", mine+"/private-key", "")
	h.want(404, "GET", "/workspaces/a/clients/toy/nobody/private-key", "")
	h.want(404, "GET", "/workspaces/a/clients/nope/mine", "")
}

func TestBadClients(t *testing.T) {
	h := build(t, nil)
	for body, want := range map[string]struct {
		status  int
		pointer string
	}{
		`{"settings":{"aiss":true}}`:    {422, "/settings/aiss"},
		`{"settings":{"ais":"yes"}}`:    {422, "/settings/ais"},
		`{"webhook_url":"gopher://x"}`:  {422, "/webhook_url"},
		`{"auth":"sometimes"}`:          {422, "/auth"},
		`{"alg":"none"}`:                {422, "/alg"},
		`{"mtls":"perhaps"}`:            {422, "/mtls"},
		`{"scopes":"a"}`:                {422, "/scopes"},
		`{"secret":"********"}`:         {422, "/secret"},
		`{"secret":5}`:                  {422, "/secret"},
		`{"password":"x"}`:              {422, "/password"},
		`{"public_key_pem":"nonsense"}`: {400, "/public_key_pem"},
		`{"public_key_pem":"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"}`: {422, "/public_key_pem"},
		`{"jwks":{"keys":[]}}`:                                                      {422, "/jwks/keys"},
		`{"jwks":{"kty":"oct","k":"AAAA"}}`:                                         {422, "/jwks/k"},
		`{"public_key_pem":"` + publicKey + `","jwks":{"keys":[]}}`:                 {422, "/jwks"},
		`{"ca_pem":"nonsense"}`:                                                     {422, "/ca_pem"},
		`{"ca_pem":"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"}`: {422, "/ca_pem"},
		`{"ca_pem":"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"}`: {422, "/ca_pem"},
	} {
		a := h.do("PUT", "/workspaces/a/clients/toy/mine", body)
		if a.status != want.status || a.text("violations", 0, "pointer") != want.pointer {
			t.Errorf("%s: want %d at %s, got %d: %s", body, want.status, want.pointer, a.status, a.raw)
		}
	}
	h.want(404, "GET", "/workspaces/a/clients/toy/mine", "")
	h.want(404, "PUT", "/workspaces/a/clients/toy/two%20words", "{}")
}

// D11: a secret leaves by no view.
func TestSecretsStayInside(t *testing.T) {
	h := build(t, nil)
	const secret = "xK9-never-shown"
	h.want(201, "PUT", "/workspaces/a/clients/toy/mine", `{"secret":"`+secret+`"}`)
	for _, path := range []string{"/workspaces", "/workspaces/a", "/workspaces/a/clients", "/workspaces/a/clients/toy/mine", "/workspaces/a/entities", "/workspaces/a/keys/toy"} {
		if a := h.want(200, "GET", path, ""); strings.Contains(a.raw, secret) {
			t.Errorf("%s shows the secret", path)
		}
	}
	a := h.want(422, "PUT", "/workspaces/a/clients/toy/mine", `{"secret":"`+secret+`","alg":"none","auth":"`+secret+`"}`)
	if strings.Contains(a.raw, secret) {
		t.Errorf("a refusal repeats the secret: %s", a.raw)
	}
}

func TestKeys(t *testing.T) {
	h := build(t, nil)
	before := h.want(200, "GET", "/workspaces/a/keys/toy", "")
	if before.text("items", 0, "alg") != "ES256" || before.text("items", 0, "current", "kty") != "EC" || strings.Contains(before.raw, `"d":`) {
		t.Errorf("the keys: %s", before.raw)
	}
	kid := before.text("items", 0, "current", "kid")
	for _, body := range []string{"", "{}", `{"purpose":"webhook"}`} {
		a := h.want(200, "POST", "/workspaces/a/keys/toy/rotate", body)
		if a.text("items", 0, "previous", "kid") != kid || a.text("items", 0, "current", "kid") == kid {
			t.Errorf("rotated by %q: %s", body, a.raw)
		}
		kid = a.text("items", 0, "current", "kid")
	}
	// Another algorithm rotates at once, and the key before stays published.
	h.want(200, "PUT", "/workspaces/a", `{"settings":{"toy":{"webhook_alg":"RS256"}}}`)
	a := h.want(200, "GET", "/workspaces/a/keys/toy", "")
	if a.text("items", 0, "alg") != "RS256" || a.text("items", 0, "previous", "kid") != kid || a.text("items", 0, "previous", "alg") != "ES256" {
		t.Errorf("with another algorithm: %s", a.raw)
	}
	kid = a.text("items", 0, "current", "kid")
	h.want(200, "PUT", "/workspaces/a", `{"settings":{"toy":{"webhook_alg":"RS256","cooldown":"1s"}}}`)
	if a := h.want(200, "GET", "/workspaces/a/keys/toy", ""); a.text("items", 0, "current", "kid") != kid {
		t.Errorf("another setting rotated the keys: %s", a.raw)
	}
	h.want(404, "GET", "/workspaces/a/keys/nope", "")
	h.want(404, "POST", "/workspaces/a/keys/nope/rotate", "")
	h.want(404, "POST", "/workspaces/a/keys/toy/rotate", `{"purpose":"nope"}`)
	h.want(422, "POST", "/workspaces/a/keys/toy/rotate", `{"alg":"RS256"}`)
}

// TestHashedSecrets: a client whose secret is kept as a digest is changed like any other, and shows its mask.
func TestHashedSecrets(t *testing.T) {
	h := build(t, func(cfg *app.Config) { cfg.Providers[0].HashSecrets = true })
	const mine = "/workspaces/a/clients/toy/mine"
	h.want(201, "PUT", mine, `{"secret":"sk_mock_0123456789"}`)
	for _, body := range []string{`{"name":"Mine"}`, `{"secret":"sk_mock_another"}`} {
		if a := h.want(200, "PUT", mine, body); a.text("secret") != "********" || strings.Contains(a.raw, "sha256") {
			t.Errorf("%s: %s", body, a.raw)
		}
	}
	if a := h.want(200, "PUT", mine, `{"secret":""}`); a.at("secret") != nil {
		t.Errorf("the secret was not taken away: %s", a.raw)
	}
	h.want(422, "PUT", mine, `{"secret":"********"}`)
}
