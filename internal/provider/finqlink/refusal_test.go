package finqlink_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

type refusal = providertest.Refusal

// refusals provoke the dialect.
func refusals() []refusal {
	return slices.Concat(syntaxRefusals(), credentialRefusals(), createRefusals(), lookupRefusals(), consentRefusals(), tokenRefusals())
}

func api(name string, status int, code string, send func(h *providertest.House) providertest.Answer) refusal {
	return refusal{Name: name, Send: send, Status: status, Member: "code", Code: code}
}

// createWith is an order that is refused because of its changes.
func createWith(name string, status int, code string, changes ...object) refusal {
	return api(name, status, code, func(h *providertest.House) providertest.Answer {
		return h.Post("/finqlink/v2/links/create", order(changes...))
	})
}

func transfer(name string, value any) object { return object{"single_transfer": object{name: value}} }

// raw is a body that can not be read.
func raw(name, body string) refusal {
	return api(name, 400, "bad_request", func(h *providertest.House) providertest.Answer {
		return h.Post("/finqlink/v2/links/create", []byte(body))
	})
}

func noPath(name, method, target string) refusal {
	return api(name, 404, "not_found", func(h *providertest.House) providertest.Answer {
		return h.Do(method, target, http.Header{"Content-Type": {"application/json"}}, []byte("{}"))
	})
}

func listWith(name string, body object) refusal {
	return api(name, 400, "validation_error", func(h *providertest.House) providertest.Answer {
		return h.Post("/finqlink/v2/links/list", signedIn(body))
	})
}

func tokenWith(name string, status int, code string, change func(url.Values), header ...string) refusal {
	return refusal{Name: "token: " + name, Status: status, Member: "error", Code: code, Send: func(h *providertest.House) providertest.Answer {
		form := url.Values{"grant_type": {"client_credentials"}, "scope": {"pay_by_link"}, "client_id": {id}, "client_secret": {secret}}
		change(form)
		return h.Form(tokenURL, form, header...)
	}}
}

func syntaxRefusals() []refusal {
	return []refusal{
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
		noPath("no version", "POST", "/finqlink/links/create"), noPath("an unknown path", "POST", "/finqlink/v2/links/cancel"),
		noPath("another method", "GET", "/finqlink/v2/links/create"), noPath("another issuer", "GET", "/finqlink/oauth2/other/v1/keys"),
		noPath("data in v1", "POST", "/finqlink/v1/ais/consents/create"),
	}
}

func credentialRefusals() []refusal {
	return []refusal{
		createWith("no client_id", 401, "unauthorized", object{"client_id": nil}),
		createWith("client_id of another type", 401, "unauthorized", object{"client_id": 5}),
		createWith("an unknown client", 401, "unauthorized", object{"client_id": "nobody"}),
		createWith("a wrong secret", 401, "unauthorized", object{"client_secret": "wrong"}),
		createWith("no secret", 401, "unauthorized", object{"client_secret": nil}),
	}
}

func createRefusals() []refusal {
	return []refusal{
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
	}
}

func lookupRefusals() []refusal {
	return []refusal{
		listWith("a limit of nothing", object{"pagination": object{"limit": 0}}), listWith("a limit too high", object{"pagination": object{"limit": 251}}),
		listWith("a limit as a text", object{"pagination": object{"limit": "50"}}), listWith("an unknown status", object{"filter": object{"status": "paid"}}),
		listWith("a cursor of nothing", object{"pagination": object{"after": "e30"}}), listWith("no date", object{"filter": object{"inserted_at_from": "yesterday"}}),
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
	}
}

// dataWith is a call of the data half that is refused.
func dataWith(name string, status int, code, operation string, body object) refusal {
	return api(name, status, code, func(h *providertest.House) providertest.Answer {
		return h.Post("/finqlink/v2/ais/"+operation, signedIn(body))
	})
}

func consentRefusals() []refusal {
	const nobody = "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21"
	options := func(name string, value any) object { return object{"options": object{name: value}} }
	return []refusal{
		dataWith("an unknown consent", 404, "consent_not_found", "consents/get", object{"consent_id": nobody}),
		dataWith("an unknown consent to revoke", 404, "consent_not_found", "consents/revoke", object{"consent_id": nobody}),
		dataWith("an unknown consent to refresh", 404, "consent_not_found", "jobs/create", object{"consent_id": nobody}),
		dataWith("no consent", 400, "validation_error", "consents/get", object{}),
		dataWith("no job", 400, "validation_error", "jobs/get", object{"consent_id": nobody}),
		dataWith("half a scope", 400, "validation_error", "consents/create", options("scope", []string{"accounts", "transactions"})),
		dataWith("a scope twice", 400, "validation_error", "consents/create", options("scope", []string{"accounts", "accounts"})),
		dataWith("an unknown scope", 400, "validation_error", "consents/create", options("scope", []string{"accounts", "loans"})),
		dataWith("no validity", 400, "validation_error", "consents/create", options("consent_validity_days", 0)),
		dataWith("too long a validity", 400, "validation_error", "consents/create", options("consent_validity_days", 181)),
		dataWith("direct_sca without a way back", 400, "validation_error", "consents/create", options("type", "direct_sca")),
		dataWith("tracking of a wrong form", 400, "validation_error", "consents/create", object{"tracking": object{"payment_ref": "A"}}),
		api("a job of a consent that is not active", 400, "consent_not_active", func(h *providertest.House) providertest.Answer {
			made := h.Post("/finqlink/v2/ais/consents/create", consent()).Text("consent_id")
			return ofConsent(h, "jobs/create", made)
		}),
		api("an unknown job", 404, "job_not_found", func(h *providertest.House) providertest.Answer {
			made := h.Post("/finqlink/v2/ais/consents/create", consent()).Text("consent_id")
			return ofConsent(h, "jobs/get", made, object{"job_id": nobody})
		}),
		noPath("data in the first version", "POST", "/finqlink/v1/ais/consents/create"),
	}
}

func tokenRefusals() []refusal {
	return []refusal{
		tokenWith("another grant", 400, "unsupported_grant_type", func(f url.Values) { f.Set("grant_type", "password") }),
		tokenWith("another scope", 400, "invalid_scope", func(f url.Values) { f.Set("scope", "admin") }),
		tokenWith("no scope", 400, "invalid_request", func(f url.Values) { f.Del("scope") }),
		tokenWith("a field twice", 400, "invalid_request", func(f url.Values) { f.Add("scope", "pay_by_link") }),
		tokenWith("a wrong secret", 400, "invalid_client", func(f url.Values) { f.Set("client_secret", "x") }),
		tokenWith("a wrong Basic header", 401, "invalid_client", func(f url.Values) { f.Del("client_secret") }, "Authorization", "Basic ZmlucWxpbmstZGVtbzp4"),
		tokenWith("two ways", 400, "invalid_request", func(url.Values) {}, "Authorization", "Basic eDp5"),
		{Name: "token: another method", Status: 405, Member: "error", Code: "invalid_request", Send: func(h *providertest.House) providertest.Answer {
			got := h.Get("/finqlink" + issuerPath + "/v1/token")
			if got.Header.Get("Allow") != "POST" {
				got.Body = fmt.Appendf(nil, "Allow is %q", got.Header.Get("Allow"))
			}
			return got
		}},
	}
}
