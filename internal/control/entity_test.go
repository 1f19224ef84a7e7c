package control_test

import (
	"strings"
	"testing"
)

func TestEvents(t *testing.T) {
	h := build(t, nil)
	id := h.order("a", "x")
	events := "/workspaces/a/entities/toy/order/" + id + "/events"
	for _, row := range []struct {
		body string
		want int
		says string
	}{
		{`{"event":"settle"}`, 409, "legal now: pay, revoke"},
		{`{"event":"nope"}`, 409, "legal now: pay, revoke"},
		{`{}`, 422, "either event"},
		{`{"event":"pay","act":"approve"}`, 422, "either event"},
		{`{"act":"approve","set":{}}`, 422, "a payer sets nothing"},
		{`{"act":"pay"}`, 422, "approve, cancel, decline"},
		{`{"event":""}`, 422, "must not be empty"},
		{`{"event":"pay","set":[]}`, 422, "must be an object"},
		{`{"event":"pay","set":{"amount":77}}`, 200, `"amount":77`},
		{`{"act":"cancel"}`, 200, `"state":"revoked"`},
		{`{"event":"pay"}`, 409, "it is final"},
	} {
		if a := h.do("POST", events, row.body); a.status != row.want || !strings.Contains(a.raw, row.says) {
			t.Errorf("%s: want %d with %q, got %d: %s", row.body, row.want, row.says, a.status, a.raw)
		}
	}
	a := h.want(200, "GET", strings.TrimSuffix(events, "/events"), "")
	if a.len("history") != 2 || a.text("history", 0, "event") != "pay" || a.text("history", 0, "cause") != "control" || a.text("history", 1, "to") != "revoked" {
		t.Errorf("the history: %s", a.raw)
	}
	if a.len("next") != 0 || a.len("legal_events") != 0 {
		t.Errorf("a final order has timers or events: %s", a.raw)
	}
	for path, says := range map[string]string{
		"/workspaces/a/entities/nope/order/" + id: "there are toy", "/workspaces/a/entities/toy/nope/" + id: "it has order, receipt",
		"/workspaces/a/entities/toy/order/nope": "There is no order", "/workspaces/b/entities/toy/order/" + id: "There is no order",
	} {
		if a := h.want(404, "GET", path, ""); !strings.Contains(a.text("detail"), says) {
			t.Errorf("%s: %s", path, a.raw)
		}
		h.want(404, "POST", path+"/events", `{"event":"pay"}`)
	}
}

func TestRecordsHaveNoEvents(t *testing.T) {
	h := build(t, nil)
	h.order("a", "x")
	a := h.want(200, "GET", "/workspaces/a/entities?kind=receipt", "")
	path := "/workspaces/a/entities/toy/receipt/" + a.text("items", 0, "id")
	if a := h.want(200, "GET", path, ""); a.text("state") != "kept" || a.text("data", "text") != "x" {
		t.Errorf("the record: %s", a.raw)
	}
	h.want(409, "POST", path+"/events", `{"event":"pay"}`)
	h.want(422, "POST", path+"/events", `{"act":"approve"}`)
	h.want(400, "PUT", path+"/scenario", `{"scenario":"paid"}`)
}

func TestScenarios(t *testing.T) {
	h := build(t, nil)
	first := h.order("a", "x")
	if a := h.want(200, "PUT", "/workspaces/a/scenarios/toy/order", `{"scenario":"manual"}`); a.text("scenario") != "manual" {
		t.Errorf("the choice: %s", a.raw)
	}
	second := "/workspaces/a/entities/toy/order/" + h.order("a", "x")
	if a := h.want(200, "GET", second, ""); a.text("scenario") != "manual" {
		t.Errorf("the next order: %s", a.raw)
	}
	if a := h.want(200, "GET", "/workspaces/a/entities/toy/order/"+first, ""); a.text("scenario") != "paid" {
		t.Errorf("the one before: %s", a.raw)
	}
	chosen := h.want(200, "GET", "/workspaces/a/scenarios?provider=toy&kind=order", "")
	if chosen.text("items", 0, "name") != "manual" || chosen.at("items", 0, "chosen") != true || chosen.at("items", 1, "chosen") != false {
		t.Errorf("the list: %s", chosen.raw)
	}
	if a := h.want(200, "PUT", "/workspaces/a/scenarios/toy/order", `{"scenario":""}`); a.text("scenario") != "paid" {
		t.Errorf("the default is not back: %s", a.raw)
	}
	h.want(200, "PUT", "/workspaces/a/scenarios/toy/voucher", `{"scenario":"lost"}`)
	ofRecord := h.want(200, "GET", "/workspaces/a/scenarios?provider=toy&kind=voucher", "")
	if ofRecord.text("items", 0, "name") != "lost" || ofRecord.at("items", 0, "chosen") != true || ofRecord.text("items", 2, "title") != "Nothing goes wrong" {
		t.Errorf("the list of a record's: %s", ofRecord.raw)
	}
	// A story that replaces another arms its timers from here.
	h.want(200, "POST", second+"/events", `{"event":"pay"}`)
	a := h.want(200, "PUT", second+"/scenario", `{"scenario":"paid"}`)
	if a.text("scenario") != "paid" || a.text("next", 0, "due") != "2026-01-15T10:31:00Z" || a.text("next", 0, "scenario") != "paid" {
		t.Errorf("the new story: %s", a.raw)
	}
	if a := h.want(400, "PUT", second+"/scenario", `{"scenario":"nope"}`); a.text("violations", 0, "pointer") != "/scenario" {
		t.Errorf("an unknown story: %s", a.raw)
	}
	h.want(400, "PUT", "/workspaces/a/scenarios/toy/order", `{"scenario":"nope"}`)
	h.want(422, "PUT", "/workspaces/a/scenarios/toy/order", `{}`)
	h.want(422, "PUT", "/workspaces/a/scenarios/toy/receipt", `{"scenario":"paid"}`)
	h.want(404, "PUT", "/workspaces/a/scenarios/toy/nope", `{"scenario":"paid"}`)
	h.want(404, "PUT", "/workspaces/a/scenarios/nope/order", `{"scenario":"paid"}`)
}

func TestLawAndStory(t *testing.T) {
	h := build(t, nil)
	h.want(200, "PUT", "/workspaces/a/scenarios/toy/order", `{"scenario":"manual"}`)
	law := h.want(200, "GET", "/workspaces/a/scenarios/toy/order", "")
	if law.text("chosen") != "manual" || law.text("initial") != "created" || law.text("states", 0, "on", 1, "to") != "revoked" ||
		law.text("states", 0, "deadlines", 0, "after") != "10m" || law.text("inputs", 0, "from", 0) != "ref" || law.text("scenarios", 2) != "unattended" {
		t.Errorf("the law: %s", law.raw)
	}
	// What it inherits is in it, in the order of the states.
	story := h.want(200, "GET", "/workspaces/a/scenarios/toy/order/unattended", "")
	if story.text("extends") != "paid" || story.text("steps", 0, "fire") != "pay" || story.text("steps", 1, "after") != "1m" || story.at("chosen") != false {
		t.Errorf("the story: %s", story.raw)
	}
	if a := h.want(200, "GET", "/workspaces/a/scenarios/toy/voucher", ""); !strings.Contains(a.raw, `"states":[]`) {
		t.Errorf("a record's law: %s", a.raw)
	}
	lost := h.want(200, "GET", "/workspaces/a/scenarios/toy/voucher/lost", "")
	if !strings.Contains(lost.raw, `"mishaps":[{"operation":`) || !strings.Contains(lost.raw, `"steps":[]`) {
		t.Errorf("a record's story: %s", lost.raw)
	}
	h.want(404, "GET", "/workspaces/a/scenarios/toy/order/nope", "")
	h.want(404, "GET", "/workspaces/a/scenarios/toy/receipt", "")
	h.want(404, "GET", "/workspaces/a/scenarios/nope/order", "")
}
