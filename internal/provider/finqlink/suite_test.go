package finqlink_test

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/webhook"
)

const issuerPath = "/oauth2/ausfqbxutkZBUKUgQ417"

func TestSuite(t *testing.T) {
	providertest.Suite{
		Make: finqlink.New, Begin: begin, End: end, Refusals: refusals(), Play: play, Receive: receive,
	}.Run(t)
}

var toSuite = object{"options": object{"callback_url": providertest.InboxURL(providertest.Inbox)}}

var directOptions = object{"options": object{
	"type": "direct_sca", "callback_url": providertest.InboxURL(providertest.Inbox), "redirect_url": "http://shop.example/back",
}}

// begin makes a link of each version, has one opened, and brings a direct one to the bank.
func begin(h *providertest.House) {
	h.Set("webhook_alg", "ES256") // as good as RS256 here, and far quicker to sign
	h.Set("cooldown", "0s")
	for _, version := range []string{"v1", "v2", "test"} {
		link := h.Post("/finqlink/"+version+"/links/create", order(toSuite)).Text("link_id")
		h.Post("/finqlink/"+version+"/links/get", signedIn(object{"link_id": link}))
		h.Post("/finqlink/"+version+"/links/list", signedIn(object{}))
		h.Post("/finqlink/"+version+"/providers/list", signedIn(object{}))
		h.Post("/finqlink/"+version+"/providers/get", signedIn(object{"provider_id": "libra_ro", "options": object{"show_validation_schema": true}}))
		h.Post("/finqlink/"+version+"/links/create", order(directOptions))
	}
	for _, data := range dataPaths {
		h.Post(data.consents+"/create", consent(toSuite))
		h.Post(data.consents+"/create", consent(directOptions))
	}
	h.Get(path(h.Said()[0].Answer.Text("web_url")))
	h.Settle()
}

func end(h *providertest.House) {
	for _, x := range h.Said() {
		if x.Answer.Text("consent_id") != "" {
			endConsent(h, x)
		}
	}
	for _, x := range h.Said() {
		url := x.Answer.Text("web_url")
		version := strings.Split(x.Target, "/")[2]
		if strings.Contains(url, "/bank/") && x.Answer.Text("link_id") != "" {
			query := approveAtBank(h, url)
			h.Post("/finqlink/"+version+"/links/redirect", signedIn(object{"query_string": query}))
			h.Advance(time.Minute)
			h.Post("/finqlink/"+version+"/links/redirect", signedIn(object{"query_string": query, "sync": true}))
		}
	}
	payByWeb(h, h.Said()[0].Answer.Text("web_url"))
	h.Get("/finqlink/.well-known/jwks.json")
	h.Form("/finqlink"+issuerPath+"/v1/token", url.Values{
		"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {id}, "client_secret": {secret},
	})
	h.Get("/finqlink" + issuerPath + "/v1/keys")
	h.Get("/finqlink" + issuerPath + "/.well-known/openid-configuration")
	h.Get("/finqlink" + issuerPath + "/.well-known/oauth-authorization-server")
	h.Get("/.well-known/oauth-authorization-server/finqlink" + issuerPath)
	h.Advance(time.Hour)
}

func signedIn(body object) object {
	body["client_id"], body["client_secret"] = id, secret
	return body
}

// path is an address without its origin.
func path(address string) string { return strings.TrimPrefix(address, "http://"+providertest.Host) }

// press sends a form of a page, as a browser does.
func press(h *providertest.House, page string, pairs ...string) providertest.Answer {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return h.Form(path(page), form, "Origin", "http://"+providertest.Host, "Sec-Fetch-Site", "same-origin")
}

// approveAtBank logs in and approves, and gives the query with which the bank sends the payer back.
func approveAtBank(h *providertest.House, page string) string {
	h.Get(path(page))
	press(h, page, "do", "login", "user", "9999999998")
	back := press(h, page, "do", "approve", "account", "RO03RZBR0000069999999999").Header.Get("Location")
	_, query, _ := strings.Cut(back, "?")
	return query
}

var refreshTo = regexp.MustCompile(`http-equiv="refresh" content="[0-9]+;url=([^"]+)"`)

// next is where a page sends its reader after a while.
func next(page providertest.Answer) string {
	found := refreshTo.FindSubmatch(page.Body)
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(string(found[1]), "&amp;", "&")
}

// payByWeb goes the whole way of a payer of the flow type link.
func payByWeb(h *providertest.House, page string) {
	h.Get(path(page))
	press(h, page+"/pay", "method", "rzb_ro.domestic.sandbox")
	h.Advance(time.Second)
	bank := next(h.Get(path(page)))
	query := approveAtBank(h, bank)
	h.Get("/finqlink/web/callback?" + query)
	h.Advance(time.Minute)
	h.Get(path(next(h.Get(path(page)))))
}

// play makes a link that follows a scenario. Its payer approves where the story leaves that to a payer.
func play(h *providertest.House, kind, scenario string) {
	h.Set("webhook_alg", "ES256")
	if kind != "link" {
		playConsent(h, kind, scenario)
		return
	}
	kinds := []object{{"type": "link"}}
	if scenario != "bank_error" && scenario != "bank_slow" { // their create is not a plain 200 for other types
		kinds = append(kinds, object{"type": "direct_sca"}, object{"type": "wrapped_sca"})
	}
	for _, options := range kinds {
		made := h.Post("/finqlink/v2/links/create", order(object{"options": options}), "Mockbank-Scenario", scenario)
		link := made.Text("link_id")
		if scenario == "link_revoked" {
			_ = h.Fire("link", link, "open")
			h.Advance(time.Minute)
		}
		_ = h.Act("link", link, "approve") // a story that needs no payer, or ended before one came, refuses
	}
}

// receive verifies with a library that the sender does not use for signing, and by what is published only.
func receive(t *testing.T, h *providertest.House, m webhook.Message) {
	t.Helper()
	set, err := jwk.Parse(h.Get("/finqlink/.well-known/jwks.json").Body)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jws.Verify([]byte(m.Header.Get("X-Signature")), jws.WithKeySet(set))
	if err != nil || !bytes.Equal(payload, m.Body) {
		t.Errorf("%s: %v, signed was %s", m.Body, err, payload)
	}
	if _, ok := set.LookupKeyID(m.Header.Get("X-Signature-Kid")); !ok {
		t.Errorf("the kid %s is not published", m.Header.Get("X-Signature-Kid"))
	}
}
