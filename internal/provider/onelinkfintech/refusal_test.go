package onelinkfintech_test

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// refusal is an error of the dialect: how it is provoked, and what is said.
type refusal struct {
	name                       string
	send                       func(h *providertest.House) providertest.Answer
	status                     int
	code, kind, message, param string
}

const invalid = "invalid_request"

// paying is a payment that is refused because of its changes.
func paying(name, kind, message, param string, changes ...object) refusal {
	return sending(name, "/payments", payment(changes...), kind, message, param)
}

func sending(name, path string, body any, kind, message, param string, header ...string) refusal {
	return refusal{name, func(h *providertest.House) providertest.Answer { return post(h, path, body, header...) }, 400, invalid, kind, message, param}
}

func reading(name, path string, status int, code, kind, message, param string) refusal {
	return refusal{name, func(h *providertest.House) providertest.Answer { return get(h, path) }, status, code, kind, message, param}
}

func keyed(name, kind string, header ...string) refusal {
	return refusal{name, func(h *providertest.House) providertest.Answer {
		return h.Post(v1+"/payments", payment(), header...)
	}, 401, "unauthorized", kind, "Authentication failed", ""}
}

func allRefusals() []refusal {
	return slices.Concat(keyRefusals(), formRefusals(), paymentRefusals(), otherFieldRefusals(), queryRefusals(), businessRefusals(), lookupRefusals(), storyRefusals())
}

func keyRefusals() []refusal {
	return []refusal{
		keyed("no key", "missing_api_key"),
		keyed("another scheme", "missing_api_key", "Authorization", "Basic "+fullKey),
		keyed("an empty key", "missing_api_key", "Authorization", "Bearer "),
		keyed("an unknown key", "invalid_api_key", "Authorization", "Bearer YOUR_SANDBOX_API_KEY"),
		keyed("a revoked key", "revoked_api_key", "Authorization", "Bearer "+revokedKey),
		keyed("a live key", "live_key_in_sandbox", "Authorization", "Bearer sk_live_0000000000000001"),
		{"a read-only key", func(h *providertest.House) providertest.Answer {
			return h.Post(v1+"/payments", []byte("{"), as(readOnlyKey)...)
		}, 403, "forbidden", "insufficient_permissions", "This API key may not perform this operation", ""},
	}
}

func formRefusals() []refusal {
	json := "Request body is not valid JSON"
	return []refusal{
		sending("no JSON", "/payments", []byte("{"), "invalid_json", json, ""),
		sending("no body", "/payments", []byte(""), "invalid_json", json, ""),
		sending("a name twice", "/payments", []byte(`{"amount":1,"amount":2}`), "invalid_json", json, ""),
		sending("a list", "/payments", []byte("[]"), "invalid_parameter", "Request body must be a JSON object", ""),
		sending("a form", "/payments", []byte("amount=1000"), "invalid_content_type", "Content-Type must be application/json", "", "Content-Type", "application/x-www-form-urlencoded"),
		sending("no media type", "/payments", []byte("{}"), "invalid_content_type", "Content-Type must be application/json", "", "Content-Type", ""),
		sending("too long", "/payments", bytes.Repeat([]byte(" "), 64<<10+1), "body_too_large", "Request body is too large", ""),
		sending("a long idempotency key", "/payments", payment(), "invalid_parameter", "Idempotency-Key is invalid", "Idempotency-Key", "Idempotency-Key", strings.Repeat("k", 256)),
	}
}

func paymentRefusals() []refusal {
	const parameter, missing = "invalid_parameter", "missing_parameter"
	all := []refusal{
		paying("no amount", missing, "Amount is required", "amount", object{"amount": nil}),
		sending("amount null", "/payments", []byte(`{"amount":null,"currency":"EUR","recipient":"rec_test_123"}`), missing, "Amount is required", "amount"),
		sending("amount with a point", "/payments", []byte(`{"amount":1000.0,"currency":"EUR","recipient":"rec_test_123"}`), parameter, "Amount must be a positive integer", "amount"),
		paying("no currency", missing, "Currency is required", "currency", object{"currency": nil}),
		paying("an unknown currency", parameter, "Currency must be a supported 3-letter ISO code", "currency", object{"currency": "EUX"}),
		paying("small letters", parameter, "Currency must be a supported 3-letter ISO code", "currency", object{"currency": "eur"}),
		paying("no recipient", missing, "Recipient is required", "recipient", object{"recipient": nil}),
		paying("recipient of another form", parameter, "Recipient is invalid", "recipient", object{"recipient": "cus_1"}),
		paying("a long description", parameter, "Description is invalid", "description", object{"description": strings.Repeat("é", 501)}),
		paying("metadata as a list", parameter, "Metadata is invalid", "metadata", object{"metadata": []any{}}),
		paying("metadata with a bad name", parameter, "Metadata is invalid", "metadata", object{"metadata": object{"a b": "c"}, "more": 1}),
		paying("metadata within metadata", parameter, "Metadata is invalid", "metadata", object{"metadata": object{"a": object{}}}),
		paying("metadata with a long value", parameter, "Metadata is invalid", "metadata", object{"metadata": object{"a": strings.Repeat("x", 501)}}),
		paying("an unknown field", "unknown_parameter", "Unknown parameter: sender", "sender", object{"sender": settlement}),
		paying("the first field of the table", parameter, "Amount must be a positive integer", "amount", object{"amount": "1", "currency": 5, "a": "b"}),
		paying("unknown ones last", missing, "Recipient is required", "recipient", object{"recipient": nil, "a": "b"}),
	}
	for name, amount := range map[string]any{"0": 0, "negative": -1, "a text": "1000", "a fraction": 1000.5, "too high": 100000000000, "true": true} {
		all = append(all, paying("amount "+name, parameter, "Amount must be a positive integer", "amount", object{"amount": amount}))
	}
	return all
}

func otherFieldRefusals() []refusal {
	owner := func(changes object) object {
		return account(object{"owner": with(object{"name": "John Doe", "email": "john@example.com"}, changes)})
	}
	iban := func(text string) object { return recipient(object{"iban": text}) }
	return []refusal{
		sending("no owner", "/accounts", account(object{"owner": nil}), "missing_parameter", "Owner is required", "owner"),
		sending("no owner.name", "/accounts", owner(object{"name": nil}), "missing_parameter", "Owner name is required", "owner.name"),
		sending("owner.email null", "/accounts", []byte(`{"currency":"EUR","owner":{"name":"J","email":null}}`), "missing_parameter", "Owner email is required", "owner.email"),
		sending("a blank owner.name", "/accounts", owner(object{"name": "  "}), "invalid_parameter", "Owner name is invalid", "owner.name"),
		sending("owner.email without a domain", "/accounts", owner(object{"email": "john@example"}), "invalid_parameter", "Owner email must be a valid email address", "owner.email"),
		sending("an unknown field of owner", "/accounts", owner(object{"vat": "1"}), "unknown_parameter", "Unknown parameter: owner.vat", "owner.vat"),
		sending("a broken field behind an unknown one", "/accounts", with(owner(object{"vat": "1"}), object{"metadata": 1}), "invalid_parameter", "Metadata is invalid", "metadata"),
		sending("owner as a text", "/accounts", account(object{"owner": "John"}), "invalid_parameter", "Owner is invalid", "owner"),
		sending("no iban", "/recipients", recipient(object{"iban": nil}), "missing_parameter", "IBAN is required", "iban"),
		sending("iban with a typing error", "/recipients", iban("DE62370400440532013002"), "invalid_parameter", "IBAN is invalid", "iban"),
		sending("iban with spaces", "/recipients", iban("DE62 3704 0044 0532 0130 01"), "invalid_parameter", "IBAN is invalid", "iban"),
		sending("a wrong email", "/recipients", recipient(object{"email": "a@b@c.d"}), "invalid_parameter", "Email must be a valid email address", "email"),
	}
}

func queryRefusals() []refusal {
	field := func(query, message, param string) refusal {
		return reading(query, "/payments?"+query, 400, invalid, "invalid_parameter", message, param)
	}
	return []refusal{
		field("limit=0", "Limit must be between 1 and 100", "limit"),
		field("limit=101", "Limit must be between 1 and 100", "limit"),
		field("limit=ten", "Limit must be between 1 and 100", "limit"),
		field("starting_after=pay_1", "Starting after is invalid", "starting_after"),
		field("ending_before="+settlement, "Ending before is invalid", "ending_before"),
		field("starting_after=pay_1&ending_before=pay_2", "Ending before is invalid", "ending_before"),
		field("status=paid", "Status is invalid", "status"),
		field("limit=1&limit=2", "Limit must be between 1 and 100", "limit"),
		field("limit=%zz", "Query is not well encoded", ""),
		field("expand=owner", "Expand is invalid", "expand"),
	}
}

func businessRefusals() []refusal {
	frozen := func(h *providertest.House, id, event string) { _ = fire(h, "account", id, event, nil) }
	prepared := func(name, kind, message, param string, prepare func(h *providertest.House) object) refusal {
		return refusal{name, func(h *providertest.House) providertest.Answer {
			return post(h, "/payments", payment(prepare(h)))
		}, 400, invalid, kind, message, param}
	}
	return []refusal{
		paying("too little money", "insufficient_funds", "Insufficient funds on the sending account", "amount", object{"amount": 100000001}),
		paying("no settlement account", "currency_not_supported", "The platform has no settlement account in this currency", "currency", object{"currency": "GBP"}),
		paying("to itself", "same_account", "Sender and recipient are the same account", "recipient", object{"recipient": settlement}),
		paying("to an account in dollars", "currency_mismatch", "The recipient takes payments in another currency", "currency", object{"recipient": "acc_100000002"}),
		prepared("to a recipient in dollars", "currency_mismatch", "The recipient takes payments in another currency", "currency", func(h *providertest.House) object {
			return object{"recipient": post(h, "/recipients", recipient(object{"currency": "USD"})).Text("id")}
		}),
		prepared("to a closed account", "account_not_active", "The account is not active", "recipient", func(h *providertest.House) object {
			id := post(h, "/accounts", account()).Text("id")
			frozen(h, id, "close")
			return object{"recipient": id}
		}),
		prepared("to a blocked recipient", "account_not_active", "The account is not active", "recipient", func(h *providertest.House) object {
			id := post(h, "/recipients", recipient()).Text("id")
			_ = fire(h, "recipient", id, "block", nil)
			return object{"recipient": id}
		}),
		prepared("from a frozen account", "account_not_active", "The account is not active", "", func(h *providertest.House) object {
			frozen(h, "acc_100000003", "freeze")
			return object{"currency": "JPY"}
		}),
	}
}

func lookupRefusals() []refusal {
	route := func(name, method, path string) refusal {
		return refusal{name, func(h *providertest.House) providertest.Answer {
			return h.Do(method, v1+path, http.Header{"Authorization": {"Bearer " + fullKey}}, nil)
		}, 404, "not_found", "route_not_found", "Unknown route", ""}
	}
	unknown := func(object, id string) refusal {
		return reading("an unknown "+object, "/"+object+"s/"+id, 404, "not_found", "resource_not_found", "No such "+object+": '"+id+"'", "id")
	}
	recipient := func(object, id string) refusal {
		r := paying("to an unknown "+object, "resource_not_found", "No such "+object+": '"+id+"'", "recipient", map[string]any{"recipient": id})
		r.status, r.code = 404, "not_found"
		return r
	}
	return []refusal{
		route("an unknown path", "GET", "/refunds"), route("another method", "DELETE", "/payments/pay_1"), route("no id", "GET", "/payments/"),
		route("PUT on a list", "PUT", "/accounts"), route("POST on an object", "POST", "/accounts/"+settlement),
		unknown("account", "acc_1"), unknown("recipient", "rec_1"), unknown("payment", "anything"),
		recipient("recipient", "rec_000000999"), recipient("account", "acc_999999999"),
	}
}

func storyRefusals() []refusal {
	story := func(name string, status int, code, kind, message, param string) refusal {
		return refusal{name, func(h *providertest.House) providertest.Answer {
			return post(h, "/payments", payment(), "Mockbank-Scenario", name)
		}, status, code, kind, message, param}
	}
	return []refusal{
		story("payment_server_error", 500, "server_error", "internal_error", "Internal server error", ""),
		story("payment_forbidden", 403, "forbidden", "insufficient_permissions", "This API key may not perform this operation", ""),
		story("payment_rate_limited", 429, "rate_limited", "too_many_requests", "Too many requests", ""),
		story("payment_insufficient_funds", 400, invalid, "insufficient_funds", "Insufficient funds on the sending account", "amount"),
		{"account_create_fails", func(h *providertest.House) providertest.Answer {
			return post(h, "/accounts", account(object{"owner": object{"name": "F", "email": "fail@example.test"}}))
		}, 500, "server_error", "internal_error", "Internal server error", ""},
	}
}

func TestEveryRefusalIsSaidAsTheTableHasIt(t *testing.T) {
	h := house(t)
	h.Set("rate_limit", 0)
	for _, r := range allRefusals() {
		got := r.send(h)
		want := map[string]any{"code": r.code, "type": r.kind, "message": r.message, "param": nil}
		if r.param != "" {
			want["param"] = r.param
		}
		said, _ := got.JSON()["error"].(map[string]any)
		if got.Status != r.status || !maps.Equal(said, want) {
			t.Errorf("%s: %d %s\nwant %d %v", r.name, got.Status, got.Body, r.status, want)
		}
		if challenge := got.Header.Get("WWW-Authenticate"); (got.Status == 401) != (challenge == "Bearer") {
			t.Errorf("%s: %d with the challenge %q", r.name, got.Status, challenge)
		}
	}
}

func TestAnUnknownScenarioIsNamed(t *testing.T) {
	got := post(house(t), "/payments", payment(), "Mockbank-Scenario", "payment_suceeds")
	if got.Status != 400 || got.Text("error.param") != "Mockbank-Scenario" || !strings.Contains(got.Text("error.message"), "payment_succeeds") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// The checks stand in one order: what comes first is said, whatever else is wrong.
func TestOrderOfChecks(t *testing.T) {
	h := house(t)
	h.Set("rate_limit", 1)
	bad := []byte("{")
	for _, tt := range []struct {
		status int
		kind   string
		header []string
	}{
		{401, "missing_api_key", nil},
		{403, "insufficient_permissions", as(readOnlyKey)},
		{429, "too_many_requests", as(readOnlyKey)},
		{400, "invalid_content_type", as(fullKey, "Content-Type", "text/plain")},
		{429, "too_many_requests", as(fullKey)},
		{400, "invalid_json", as(otherKey)},
	} {
		got := h.Post(v1+"/payments", bad, tt.header...)
		if got.Status != tt.status || got.Text("error.type") != tt.kind {
			t.Errorf("%d %s, want %d %s", got.Status, got.Body, tt.status, tt.kind)
		}
	}
}

func TestRateLimit(t *testing.T) {
	h := house(t)
	h.Set("rate_limit", 2)
	for i, want := range []int{200, 200, 429, 429} {
		got := get(h, "/accounts")
		if got.Status != want || got.Header.Get("X-RateLimit-Remaining") != []string{"1", "0", "0", "0"}[i] {
			t.Errorf("request %d: %d %v", i, got.Status, got.Header)
		}
		if wait := got.Header.Get("Retry-After"); (want == 429) != (wait == "60") {
			t.Errorf("request %d: Retry-After %q", i, wait)
		}
	}
	if got := getAs(h, otherKey, "/accounts"); got.Status != 200 {
		t.Errorf("another key has a window of its own: %d", got.Status)
	}
	h.Advance(60e9)
	if got := get(h, "/accounts"); got.Status != 200 {
		t.Errorf("a minute later: %d %s", got.Status, got.Body)
	}
}
