package finqlink_test

import (
	"bytes"
	"fmt"
	"net/http"
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
	for _, version := range []string{"v1", "v2", "test"} {
		link := h.Post("/finqlink/"+version+"/links/create", order(toSuite)).Text("link_id")
		h.Post("/finqlink/"+version+"/links/get", signedIn(object{"link_id": link}))
		h.Post("/finqlink/"+version+"/links/list", signedIn(object{}))
		h.Post("/finqlink/"+version+"/providers/list", signedIn(object{}))
		h.Post("/finqlink/"+version+"/providers/get", signedIn(object{"provider_id": "libra_ro", "options": object{"show_validation_schema": true}}))
		h.Post("/finqlink/"+version+"/links/create", order(directOptions))
	}
	h.Get(path(h.Said()[0].Answer.Text("web_url")))
	h.Settle()
}

func end(h *providertest.House) {
	for _, x := range h.Said() {
		url := x.Answer.Text("web_url")
		version := strings.Split(x.Target, "/")[2]
		if strings.Contains(url, "/bank/") {
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
func play(h *providertest.House, _, scenario string) {
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

// refusals provoke the dialect.
func refusals() []providertest.Refusal {
	api := func(name string, status int, code string, send func(h *providertest.House) providertest.Answer) providertest.Refusal {
		return providertest.Refusal{Name: name, Send: send, Status: status, Member: "code", Code: code}
	}
	createWith := func(name string, status int, code string, changes ...object) providertest.Refusal {
		return api(name, status, code, func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/create", order(changes...))
		})
	}
	transfer := func(name string, value any) object { return object{"single_transfer": object{name: value}} }
	raw := func(name, body string) providertest.Refusal {
		return api(name, 400, "bad_request", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/create", []byte(body))
		})
	}
	path := func(name, method, target string) providertest.Refusal {
		return api(name, 404, "not_found", func(h *providertest.House) providertest.Answer {
			return h.Do(method, target, http.Header{"Content-Type": {"application/json"}}, []byte("{}"))
		})
	}
	list := func(name string, body object) providertest.Refusal {
		return api(name, 400, "validation_error", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/list", signedIn(body))
		})
	}
	token := func(name string, status int, code string, change func(url.Values), header ...string) providertest.Refusal {
		return providertest.Refusal{Name: "token: " + name, Status: status, Member: "error", Code: code, Send: func(h *providertest.House) providertest.Answer {
			form := url.Values{"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {id}, "client_secret": {secret}}
			change(form)
			return h.Form("/finqlink"+issuerPath+"/v1/token", form, header...)
		}}
	}
	return []providertest.Refusal{
		raw("no body", ""), raw("not JSON", "{"), raw("an array", "[]"), raw("a text", `"x"`), raw("a name twice", `{"client_id":"a","client_id":"b"}`),
		api("another media type", 400, "bad_request", func(h *providertest.House) providertest.Answer {
			return h.Form("/finqlink/v2/links/create", url.Values{})
		}),
		api("too long", 400, "bad_request", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/create", bytes.Repeat([]byte(" "), 2<<20))
		}),
		api("an unknown scenario", 400, "bad_request", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/create", order(), "Mockbank-Scenario", "pay_sucess")
		}),
		path("no version", "POST", "/finqlink/links/create"), path("an unknown path", "POST", "/finqlink/v2/links/cancel"),
		path("another method", "GET", "/finqlink/v2/links/create"), path("another issuer", "GET", "/finqlink/oauth2/other/v1/keys"),
		path("data in v1", "POST", "/finqlink/v1/ais/consents/create"),

		createWith("no client_id", 401, "unauthorized", object{"client_id": nil}),
		createWith("client_id of another type", 401, "unauthorized", object{"client_id": 5}),
		createWith("an unknown client", 401, "unauthorized", object{"client_id": "nobody"}),
		createWith("a wrong secret", 401, "unauthorized", object{"client_secret": "wrong"}),
		createWith("no secret", 401, "unauthorized", object{"client_secret": nil}),

		createWith("no transfer", 400, "validation_error", object{"single_transfer": nil}),
		createWith("an amount as a number", 400, "validation_error", transfer("amount", 125)),
		createWith("an amount of nothing", 400, "validation_error", transfer("amount", "0.00")),
		createWith("an amount with a comma", 400, "validation_error", transfer("amount", "1,5")),
		createWith("an amount with a leading zero", 400, "validation_error", transfer("amount", "01")),
		createWith("another currency", 400, "validation_error", transfer("currency", "USD")),
		createWith("an IBAN with a typing error", 400, "validation_error", transfer("creditor_iban", "RO10RZBR0000069999999971")),
		createWith("an unknown template", 400, "validation_error", object{"options": object{"ux_template": "neon"}}),
		createWith("a redirect to a script", 400, "validation_error", object{"options": object{"redirect_url": "javascript:alert(1)"}}),
		createWith("no way back", 400, "validation_error", object{"options": object{"type": "direct_sca", "redirect_url": nil}}),
		createWith("a tracking id in capitals", 400, "validation_error", object{"tracking": object{"payment_ref": "INV"}}),
		createWith("a direct link without its method", 400, "method_selection_error", object{"options": object{"type": "direct_sca"}, "payment_method": nil}),
		createWith("a direct link in another environment", 400, "method_selection_error", object{"options": object{"type": "wrapped_sca"}, "payment_method": object{"env": "stage"}}),
		createWith("euro by a domestic method", 400, "method_input_validation_error", object{"options": object{"type": "wrapped_sca"}}, transfer("currency", "EUR")),
		createWith("a story that has the bank fail", 500, "internal_error", object{"options": object{"type": "redirect_sca"}}, transfer("amount", "7700.14")),

		list("a limit of nothing", object{"pagination": object{"limit": 0}}), list("a limit too high", object{"pagination": object{"limit": 251}}),
		list("a limit as a text", object{"pagination": object{"limit": "50"}}), list("an unknown status", object{"filter": object{"status": "paid"}}),
		list("a cursor of nothing", object{"pagination": object{"after": "e30"}}), list("no date", object{"filter": object{"inserted_at_from": "yesterday"}}),
		api("an unknown link", 404, "not_found", func(h *providertest.House) providertest.Answer { return get(h, "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21") }),
		api("no link named", 400, "validation_error", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/get", signedIn(object{}))
		}),
		api("an unknown provider", 404, "not_found", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/providers/get", signedIn(object{"provider_id": "swiss"}))
		}),
		api("a redirect of an unknown state", 404, "not_found", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/redirect", signedIn(object{"query_string": "code=1&state=x"}))
		}),
		api("a redirect without state", 400, "validation_error", func(h *providertest.House) providertest.Answer {
			return h.Post("/finqlink/v2/links/redirect", signedIn(object{"query_string": "code=1"}))
		}),

		token("another grant", 400, "unsupported_grant_type", func(f url.Values) { f.Set("grant_type", "password") }),
		token("another scope", 400, "invalid_scope", func(f url.Values) { f.Set("scope", "admin") }),
		token("no scope", 400, "invalid_request", func(f url.Values) { f.Del("scope") }),
		token("a field twice", 400, "invalid_request", func(f url.Values) { f.Add("scope", "pay_by_link") }),
		token("a wrong secret", 400, "invalid_client", func(f url.Values) { f.Set("client_secret", "x") }),
		token("a wrong Basic header", 401, "invalid_client", func(f url.Values) { f.Del("client_secret") }, "Authorization", "Basic ZmlucWxpbmstZGVtbzp4"),
		token("two ways", 400, "invalid_request", func(url.Values) {}, "Authorization", "Basic eDp5"),
		{Name: "token: another method", Status: 405, Member: "error", Code: "invalid_request", Send: func(h *providertest.House) providertest.Answer {
			got := h.Get("/finqlink" + issuerPath + "/v1/token")
			if got.Header.Get("Allow") != "POST" {
				got.Body = fmt.Appendf(nil, "Allow is %q", got.Header.Get("Allow"))
			}
			return got
		}},
	}
}
