package control_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestFaults(t *testing.T) {
	h := build(t, nil)
	const faults = "/workspaces/a/faults"
	a := h.want(201, "POST", faults, `{
		"title":"slow","match":{"provider":"toy","operation":"createOrder","client":"demo","every":2,"probability":0.5,"times":3},
		"fault":{"when":"after","latency":{"median":"40ms","p99":"2s"},"status":503,"code":"down","retry_after":"90s","truncate":true}}`)
	for path, want := range map[string]any{
		"title": "slow", "match.operation": "createOrder", "match.probability": 0.5, "match.times": 3.0, "fault.latency.p99": "2s", "fault.status": 503.0,
		"fault.retry_after": "90s", "fault.when": "after", "fault.truncate": true, "fault.reset": nil, "matched": 0.0, "acted": 0.0, "id": 1.0,
	} {
		steps := []any{"items", 0}
		for _, name := range strings.Split(path, ".") {
			steps = append(steps, name)
		}
		if got := a.at(steps...); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	h.want(201, "POST", faults, `{"fault":{"latency":"250ms"}}`)
	if a := h.want(201, "POST", faults, `{"preset":"flaky","match":{"provider":"toy"}}`); a.len("items") != 6 || a.text("items", 0, "match", "provider") != "toy" {
		t.Errorf("the preset: %s", a.raw)
	}
	if a := h.want(200, "GET", faults+"?limit=2", ""); a.len("items") != 2 || a.text("next") != "2" || a.text("items", 1, "fault", "latency") != "250ms" {
		t.Errorf("the first page: %s", a.raw)
	}
	if a := h.want(200, "GET", faults+"?limit=500&after=2", ""); a.len("items") != 6 || a.at("next") != nil {
		t.Errorf("the second page: %s", a.raw)
	}
	h.want(422, "GET", faults+"?after=x", "")
	h.want(204, "DELETE", faults+"/2", "")
	h.want(404, "DELETE", faults+"/2", "")
	if a := h.want(200, "GET", faults, ""); a.len("items") != 7 || a.at("items", 1, "id") != 3.0 {
		t.Errorf("without the second: %s", a.raw)
	}
	h.want(204, "DELETE", faults, "")
	h.want(201, "POST", faults, `{"fault":{"reset":true}}`)
	h.want(200, "POST", "/workspaces/a/reset", "")
	if a := h.want(200, "GET", faults, ""); a.len("items") != 0 {
		t.Errorf("a reset leaves %s", a.raw)
	}
}

func TestBadFaults(t *testing.T) {
	h := build(t, nil)
	for body, want := range map[string]struct{ pointer, says string }{
		`{}`: {"", "Give either fault"},
		`{"fault":{"reset":true},"preset":"flaky"}`:                   {"", "Give either fault"},
		`{"preset":"fluky"}`:                                          {"/preset", "flaky"},
		`{"preset":"flaky","match":{"times":1}}`:                      {"/match", "A preset says itself"},
		`{"fault":{}}`:                                                {"/fault", "at least 1 member"},
		`{"fault":{"reset":false}}`:                                   {"/fault", "does something"},
		`{"fault":{"status":200}}`:                                    {"/fault/status", "between 400 and 599"},
		`{"fault":{"statuss":500}}`:                                   {"/fault/statuss", "not known"},
		`{"fault":{"status":500,"drop":true}}`:                        {"/fault", "calls or for notifications"},
		`{"fault":{"latency":5}}`:                                     {"/fault/latency", "such as 250ms"},
		`{"fault":{"latency":null}}`:                                  {"/fault/latency", "must not be null"},
		`{"fault":{"latency":"5"}}`:                                   {"/fault/latency", "such as 250ms"},
		`{"fault":{"latency":"11m"}}`:                                 {"/fault/latency", "longer than 10m"},
		`{"fault":{"latency":"999999999d"}}`:                          {"/fault/latency", "longer than 10m"},
		`{"fault":{"latency":{}}}`:                                    {"/fault/latency", "at least 1 member"},
		`{"fault":{"latency":{"max":"5"}}}`:                           {"/fault/latency/max", "duration"},
		`{"fault":{"latency":{"max":"5s","mean":"1s"}}}`:              {"/fault/latency/mean", "not known"},
		`{"fault":{"latency":{"min":"5s","max":"1s"}}}`:               {"/fault/latency", "longer than its max"},
		`{"fault":{"drip":"1"}}`:                                      {"/fault/drip", "duration"},
		`{"fault":{"reset":true},"match":{"probability":1.5}}`:        {"/match/probability", "between 0 and 1"},
		`{"fault":{"reset":true},"match":{"every":0}}`:                {"/match/every", "between 1"},
		`{"fault":{"reset":true},"match":{"provider":"toi"}}`:         {"/match/provider", "there are toy"},
		`{"fault":{"reset":true},"match":{"operation":"creatOrder"}}`: {"/match/operation", "did you mean createOrder?"},
		`{"fault":{"drop":true},"match":{"channel":"mail"}}`:          {"/match/channel", "there are letter, webhook"},
		`{"fault":{"drop":true},"match":{"type":"order_change"}}`:     {"/match/type", "did you mean order_changed?"},
	} {
		a := h.do("POST", "/workspaces/a/faults", body)
		if a.status != 422 && !(strings.Contains(body, "toi") && a.status == 404) || a.text("violations", 0, "pointer") != want.pointer || !strings.Contains(a.raw, want.says) {
			t.Errorf("%s: want a refusal at %q with %q, got %d: %s", body, want.pointer, want.says, a.status, a.raw)
		}
	}
	if a := h.want(200, "GET", "/workspaces/a", ""); a.at("stored") != false {
		t.Errorf("something of a refused fault was stored: %s", a.raw)
	}
}

// TestFaultsOfNotifications: the inbox tells what became of them.
func TestFaultsOfNotifications(t *testing.T) {
	for harm, want := range map[string]struct{ messages, dropped int }{
		`{"drop":true}`:   {1, 1},
		`{"duplicate":3}`: {4, 0},
	} {
		h := build(t, nil)
		h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/hooks"}`)
		h.want(201, "POST", "/workspaces/a/faults", `{"match":{"provider":"toy","channel":"webhook","type":"order_changed","times":1},"fault":`+harm+`}`)
		id := h.order("a", "x")
		for _, event := range []string{"pay", "settle"} {
			h.want(200, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"`+event+`"}`)
		}
		h.want(200, "POST", "/workspaces/a/clock/advance", `{"by":"1h"}`)
		dropped := 0
		sent := h.settled("a")
		for i := range sent.len("items") {
			if sent.text("items", i, "state") == "dropped" {
				dropped++
			}
		}
		if a := h.want(200, "GET", "/workspaces/a/inbox/hooks", ""); a.len("items") != want.messages || dropped != want.dropped {
			t.Errorf("%s: %d messages, and %d were dropped; want %v: %s", harm, a.len("items"), dropped, want, a.raw)
		}
		if a := h.want(200, "GET", "/workspaces/a/faults", ""); a.at("items", 0, "acted") != 1.0 {
			t.Errorf("%s: %s", harm, a.raw)
		}
	}
}

func TestTheQueue(t *testing.T) {
	h := build(t, nil)
	const queue = "/workspaces/a/scenarios/queue"
	if a := h.want(201, "POST", queue, `{"provider":"toy","kind":"order","scenario":"manual","times":2}`); a.at("left") != 2.0 || a.at("number") != 1.0 {
		t.Errorf("got %s", a.raw)
	}
	h.want(201, "POST", queue, `{"provider":"toy","kind":"voucher","scenario":"lost"}`)
	h.want(201, "POST", queue, `{"provider":"toy","kind":"order","scenario":"unattended"}`)
	a := h.want(200, "GET", queue+"?limit=2", "")
	if a.text("items", 0, "scenario")+a.text("items", 1, "scenario") != "manualunattended" || a.text("next") == "" {
		t.Errorf("the first page: %s", a.raw)
	}
	if a := h.want(200, "GET", queue+"?limit=2&after="+a.text("next"), ""); a.len("items") != 1 || a.text("items", 0, "kind") != "voucher" {
		t.Errorf("the second page: %s", a.raw)
	}
	if a := h.want(200, "GET", queue+"?kind=voucher", ""); a.len("items") != 1 {
		t.Errorf("the vouchers': %s", a.raw)
	}
	var told []string
	for range 4 {
		id := h.order("a", "x")
		told = append(told, h.want(200, "GET", "/workspaces/a/entities/toy/order/"+id, "").text("scenario"))
	}
	if got := fmt.Sprint(told); got != "[manual manual unattended paid]" {
		t.Errorf("the orders follow %s", got)
	}
	h.want(204, "DELETE", queue, "")
	if a := h.want(200, "GET", queue, ""); a.len("items") != 0 {
		t.Errorf("emptied, it has %s", a.raw)
	}
	for body, status := range map[string]int{
		`{"provider":"toy","kind":"order","scenario":"nope"}`:           400,
		`{"provider":"toy","kind":"orders","scenario":"manual"}`:        404,
		`{"provider":"toy","kind":"receipt","scenario":"manual"}`:       422,
		`{"provider":"toy","kind":"order"}`:                             422,
		`{"provider":"toy","kind":"order","scenario":"paid","times":0}`: 422,
		`{"provider":"toy","kind":"order","scenario":"paid","time":1}`:  422,
	} {
		h.want(status, "POST", queue, body)
	}
}

func TestAFullQueue(t *testing.T) {
	h := build(t, nil)
	const queue, order = "/workspaces/a/scenarios/queue", `{"provider":"toy","kind":"order","scenario":"manual"}`
	for range 100 {
		h.want(201, "POST", queue, order)
	}
	h.want(429, "POST", queue, order)
}
