package gateway_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/gateway"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

func TestARefusalGoesBackToTheMark(t *testing.T) {
	h := build(t, nil)
	got := h.want(402, "POST", "/w/a-1/toy/refused", "")
	if got.text("code") != "too_dear" || got.header.Get("X-Price") != "12" {
		t.Errorf("got %v %s", got.header, got.raw)
	}
	if h.store.Stored("a-1") {
		t.Error("a refusal stored the workspace")
	}
}

func TestAnOrderedRefusal(t *testing.T) {
	h := build(t, nil)
	for range 3 {
		got := h.want(503, "POST", "/toy/orders", `{"ref":"down"}`)
		if got.text("code") != "is_down" || got.text("kind") != string(problem.Unavailable) || got.header.Get("Retry-After") != "30" {
			t.Errorf("got %v %s", got.header, got.raw)
		}
	}
	h.wantRefs("default")
	if log := h.log.String(); strings.Contains(log, "internal error") {
		t.Errorf("the log takes a story for a fault: %s", log)
	}
}

// TestALimitedRefusalIsCounted: what the handler wrote is undone, and the count stays.
func TestALimitedRefusalIsCounted(t *testing.T) {
	h := build(t, nil)
	if got := h.want(500, "POST", "/toy/orders", `{"ref":"once"}`); got.text("code") != "hiccup" {
		t.Errorf("got %s", got.raw)
	}
	h.wantRefs("default")
	h.want(201, "POST", "/toy/orders", `{"ref":"once"}`)
	h.want(201, "POST", "/toy/orders", `{"ref":"once"}`)
	h.wantRefs("default", "once", "once")
	h.want(500, "POST", "/w/a-1/toy/orders", `{"ref":"once"}`) // Each workspace counts for itself.
}

// TestALimitedRefusalOfAReadIsCounted, although its handler takes no lock.
func TestALimitedRefusalOfAReadIsCounted(t *testing.T) {
	h := build(t, nil)
	path := "/toy/orders/" + h.make("read_once")
	var got []int
	for range 4 {
		got = append(got, h.do("GET", path, "").status)
	}
	if diff := cmp.Diff([]int{429, 429, 200, 200}, got); diff != "" {
		t.Error(diff)
	}
}

// TestAMishapIsCountedForEachKey, and by the minute where there is none.
func TestAMishapIsCountedForEachKey(t *testing.T) {
	h := build(t, nil)
	said := func(keys ...string) (statuses []int) {
		for _, key := range keys {
			statuses = append(statuses, h.order(key, `{"ref":"once_per_key"}`).status)
		}
		return statuses
	}
	if diff := cmp.Diff([]int{429, 429, 201, 201, 201}, said("a", "b", "a", "b", "a")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{429, 201, 201}, said("", "", "")); diff != "" {
		t.Error(diff)
	}
	h.moveBy(time.Minute)
	if diff := cmp.Diff([]int{429, 201, 201}, said("", "", "a")); diff != "" {
		t.Error(diff)
	}
	h.wantRefs("default", "once_per_key", "once_per_key", "once_per_key", "once_per_key", "once_per_key")
}

func TestAMishapAfterTheCommitIsCountedForEachAmount(t *testing.T) {
	h := build(t, nil)
	server := httptest.NewServer(h)
	defer server.Close()
	for i, lost := range []bool{true, true, false, false} {
		body := fmt.Sprintf(`{"ref":"lost_per_amount","amount":%d}`, i%2)
		if err := h.sendTo(server, "", body); (err != nil) != lost {
			t.Errorf("reply %d: %v", i, err)
		}
	}
}

func TestAReplyOutsideTheSpec(t *testing.T) {
	for how, diagnosis := range map[string]string{
		"status": "418", "media": "text/html", "body": "/id", "empty": "media type", "function": "",
	} {
		t.Run(how, func(t *testing.T) {
			h := build(t, nil)
			got := h.want(500, "POST", "/w/a-1/toy/broken?how="+how, "")
			if !strings.Contains(got.text("message"), diagnosis) || (diagnosis != "" && got.text("code") != "reply_outside_spec") {
				t.Errorf("got %s", got.raw)
			}
			if h.store.Stored("a-1") {
				t.Error("it was stored all the same")
			}
			if !strings.Contains(h.log.String(), "internal error") {
				t.Errorf("the log says %q", h.log)
			}
		})
	}
}

// TestARefusalOutsideTheSpec is said plainly, since the dialect can not say it.
func TestARefusalOutsideTheSpec(t *testing.T) {
	got := build(t, nil).want(500, "GET", "/toy/strict", "")
	if got.text("code") != "reply_outside_spec" || got.body["kind"] != nil {
		t.Errorf("got %s", got.raw)
	}
}

func TestLater(t *testing.T) {
	h := build(t, nil)
	if got := h.want(201, "POST", "/toy/later", ""); got.text("state") != "signed" || got.header.Get("Mockbank-Entity") == "" {
		t.Errorf("got %v %s", got.header, got.raw)
	}
	if got := h.want(503, "POST", "/toy/later?how=error", ""); got.text("code") != "no_ink" {
		t.Errorf("got %s", got.raw)
	}
	if got := h.want(500, "POST", "/toy/later?how=untrue", ""); got.text("code") != "reply_outside_spec" {
		t.Errorf("got %s", got.raw)
	}
}

func TestHeadersTellWhatTheReplyIsAbout(t *testing.T) {
	h := build(t, nil)
	made := h.want(201, "POST", "/toy/orders", `{"ref":"x"}`, gateway.ScenarioHeader, "manual")
	path := "/toy/orders/" + made.text("id")
	for _, got := range []answer{made, h.want(200, "GET", path, ""), h.want(200, "HEAD", path, "")} {
		if got.header.Get("Mockbank-Entity") != "order/"+made.text("id") || got.header.Get("Mockbank-Scenario") != "manual" {
			t.Errorf("got %v", got.header)
		}
	}
	for _, path := range []string{"/toy/orders", "/toy/orders/" + strings.Repeat("0", 36)} {
		if got := h.do("GET", path, ""); got.header.Get("Mockbank-Entity") != "" || got.header.Get("Mockbank-Scenario") != "" {
			t.Errorf("%s is about %v", path, got.header)
		}
	}
}

// TestARefusalNamesNothingThatWasUndone: the entity of an order that was refused does not exist.
func TestARefusalNamesNothingThatWasUndone(t *testing.T) {
	h := build(t, nil)
	for _, got := range []answer{
		h.want(503, "POST", "/toy/orders", `{"ref":"down"}`), h.want(402, "POST", "/toy/refused", ""), h.want(500, "POST", "/toy/broken?how=body", ""),
	} {
		if entity := got.header.Get("Mockbank-Entity"); entity != "" {
			t.Errorf("%s names %s", got.raw, entity)
		}
	}
	if got := h.do("POST", "/toy/orders", `{"ref":"down"}`); got.header.Get("Mockbank-Scenario") != "down" {
		t.Error("it does not say which story refused it")
	}
}

func TestAnUnknownScenario(t *testing.T) {
	h := build(t, nil)
	got := h.want(400, "POST", "/w/a-1/toy/orders", `{"ref":"x"}`, gateway.ScenarioHeader, "no-such")
	if got.text("code") != "unknown_scenario" || got.text("at") != "header:Mockbank-Scenario" || !strings.Contains(got.text("message"), "unattended") {
		t.Errorf("got %s", got.raw)
	}
	if h.store.Stored("a-1") {
		t.Error("it stored the workspace")
	}
}

// TestTheSameTwice: two houses to which the same is said say the same, byte for byte, refusals too.
func TestTheSameTwice(t *testing.T) {
	talk := func() (said []string) {
		h := build(t, nil)
		for _, line := range [][3]string{
			{"POST", "/toy/orders", `{"ref":"x"}`}, {"POST", "/toy/orders", `{"ref":"x"}`}, {"POST", "/toy/orders", `{`},
			{"GET", "/toy/nowhere", ""}, {"POST", "/toy/refused", ""}, {"POST", "/w/a-1/toy/orders", `{"ref":"x"}`}, {"POST", "/toy/orders", `{"ref":"once"}`},
		} {
			got := h.do(line[0], line[1], line[2])
			said = append(said, got.raw+got.header.Get("Mockbank-Entity"))
		}
		return said
	}
	first := talk()
	if diff := cmp.Diff(first, talk()); diff != "" {
		t.Error(diff)
	}
	seen := map[string]bool{}
	for _, text := range first {
		if seen[text] {
			t.Errorf("two requests got %s", text)
		}
		seen[text] = true
	}
}

// TestReadersOfAnotherWorkspaceSeeNothing of what is made in one.
func TestReadersOfAnotherWorkspaceSeeNothing(t *testing.T) {
	h := build(t, nil)
	id := h.make("x", gateway.WorkspaceHeader, "a-1")
	h.want(404, "GET", "/w/b-2/toy/orders/"+id, "")
	h.wantRefs("b-2")
	h.wantRefs("a-1", "x")
}

func TestADialectMayShareItsHeaders(t *testing.T) {
	shared := map[string][]string{"X-Shared": {"yes"}}
	h := build(t, func(p *plan) {
		p.provider.Problem = func(c *provider.Call, err error) provider.Reply {
			reply := refuse(c, err)
			reply.Header = shared
			return reply
		}
	})
	h.want(402, "POST", "/toy/refused", "")
	if got := h.want(404, "GET", "/toy/nowhere", ""); got.header.Get("X-Price") != "" {
		t.Error("one refusal's headers are in the next one's reply")
	}
}
