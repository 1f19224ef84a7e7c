package control_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// paid makes an order and pays it, so that a notification goes to the inbox x of its workspace.
func (h *house) paid(workspace string) string {
	h.t.Helper()
	id := h.order(workspace, "x")
	h.want(200, "POST", "/workspaces/"+workspace+"/entities/toy/order/"+id+"/events", `{"event":"pay"}`)
	return id
}

func TestDeliveries(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x"}`)
	first, second := h.paid("a"), h.paid("a")
	all := h.settled("a")
	if all.len("items") != 2 || all.text("items", 0, "entity", "id") != second || all.at("items", 0, "attempts") != nil {
		t.Fatalf("two notifications, the newest first: %s", all.raw)
	}
	a := h.want(200, "GET", "/workspaces/a/deliveries/1", "")
	if a.text("state") != "delivered" || a.at("attempts", 0, "status") != 200.0 || a.text("body") != `{"id":"`+first+`","state":"paying"}` {
		t.Errorf("the first one: %s", a.raw)
	}
	for filter, want := range map[string]int{
		"provider=toy": 2, "kind=order": 2, "kind=receipt": 0, "entity=" + first: 1, "type=order_changed": 2, "type=x": 0, "state=delivered": 2,
		"state=exhausted": 0, "client=x": 0, "target=http://inbox.localhost/a/x": 2, "target=http://inbox.localhost/a/y": 0,
	} {
		if n := h.want(200, "GET", "/workspaces/a/deliveries?"+filter, "").len("items"); n != want {
			t.Errorf("%s: %d deliveries, want %d", filter, n, want)
		}
	}
	page := h.want(200, "GET", "/workspaces/a/deliveries?limit=1", "")
	rest := h.want(200, "GET", "/workspaces/a/deliveries?limit=1&after="+page.text("next"), "")
	if rest.at("items", 0, "sequence") != 1.0 || rest.text("next") != "" {
		t.Errorf("the second page: %s", rest.raw)
	}
	h.want(404, "GET", "/workspaces/a/deliveries/3", "")
	h.want(404, "GET", "/workspaces/b/deliveries/1", "")
}

func TestReplay(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x"}`)
	h.paid("a")
	h.paid("a")
	h.settled("a")
	if a := h.want(202, "POST", "/workspaces/a/deliveries/1/replay", ""); a.at("replays") != 1.0 {
		t.Errorf("the replay: %s", a.raw)
	}
	h.settled("a")
	if a := h.want(202, "POST", "/workspaces/a/deliveries/replay", `{"first":1,"last":10,"state":"delivered"}`); a.at("replayed") != 2.0 {
		t.Errorf("the range: %s", a.raw)
	}
	h.settled("a")
	inbox := h.want(200, "GET", "/workspaces/a/inbox/x", "")
	if inbox.len("items") != 5 {
		t.Errorf("the inbox has %d messages, want 2 sent and 3 replayed", inbox.len("items"))
	}
	for body, want := range map[string]int{
		`{"first":2,"last":1}`: 422, `{"first":1,"last":9007199254740991}`: 422, `{"first":0,"last":1}`: 422, `{"first":1}`: 422,
		`{"first":1,"last":18446744073709551615}`: 422, `{"first":1,"last":2,"state":"lost"}`: 422, `{"first":"1","last":2}`: 422,
	} {
		h.want(want, "POST", "/workspaces/a/deliveries/replay", body)
	}
	h.want(404, "POST", "/workspaces/a/deliveries/99/replay", "")
}

func TestInbox(t *testing.T) {
	h := build(t, nil)
	post := func(path, body string, header ...string) answer {
		r := httptest.NewRequest("POST", "http://sender.example"+path, strings.NewReader(body))
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return h.send(r)
	}
	if a := post("/w/a/_inbox/x", `{"a":1}`, "X-Toy", "signed"); a.status != 200 {
		t.Fatalf("the receiver: %d %s", a.status, a.raw)
	}
	post("/w/a/_inbox/x", "\xff\xfe")
	a := h.want(200, "GET", "/workspaces/a/inbox/x", "")
	if a.text("items", 0, "body") != `{"a":1}` || a.at("items", 0, "verdict", "valid") != true || a.text("items", 0, "verdict", "provider") != "toy" {
		t.Errorf("a message that is the toy's: %s", a.raw)
	}
	if a.text("items", 1, "body_base64") != "//4=" || a.at("items", 1, "verdict", "valid") != false {
		t.Errorf("a message that is nobody's: %s", a.raw)
	}
	for _, row := range []struct {
		answer   string
		status   int
		location string
	}{
		{`{"status":503,"retry_after":"30"}`, 503, ""},
		{`{"redirect_to":"http://elsewhere.example/"}`, 307, "http://elsewhere.example/"},
		{`{"status":410,"times":1}`, 410, ""},
		{`{}`, 200, ""},
	} {
		h.want(200, "PUT", "/workspaces/a/inbox/x", row.answer)
		if a := post("/w/a/_inbox/x", "{}"); a.status != row.status || a.header.Get("Location") != row.location {
			t.Errorf("told %s, it answered %d with %v", row.answer, a.status, a.header)
		}
	}
	for body, want := range map[string]int{
		`{"status":99}`: 422, `{"status":600}`: 422, `{"times":-1}`: 422, `{"retry_after":"1\r\nX: y"}`: 422, `{"redirect_to":"http://x/\n"}`: 422, `{"delay":1}`: 422,
	} {
		h.want(want, "PUT", "/workspaces/a/inbox/x", body)
	}
	for path, want := range map[string]int{
		"/w/a/_inbox/": 404, "/w/a/_inbox": 404, "/w/a/_inbox/a/b": 404, "/w/a/_inbox/%2e%2e": 404, "/w/Bad_Name/_inbox/x": 404,
	} {
		if a := post(path, "{}"); a.status != want {
			t.Errorf("%s: %d, want %d: %s", path, a.status, want, a.raw)
		}
	}
	if a := post("/w/a/_inbox/x", strings.Repeat("x", 2<<20)); a.status != 413 {
		t.Errorf("2 MiB: %d", a.status)
	}
	pages := 0
	for after := ""; ; pages++ {
		a := h.want(200, "GET", "/workspaces/a/inbox/x?limit=2"+after, "")
		if a.at("items", 0, "sequence") != float64(2*pages+1) {
			t.Fatalf("page %d: %s", pages, a.raw)
		}
		if a.text("next") == "" {
			break
		}
		after = "&after=" + a.text("next")
	}
	if pages != 2 {
		t.Errorf("six messages are %d pages of two", pages+1)
	}
}

func TestInboxesOfOthers(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/b/x"}`)
	h.paid("a")
	h.settled("a")
	if a := h.want(200, "GET", "/workspaces/b/inbox/x", ""); a.text("items", 0, "from") != "a" {
		t.Errorf("a message from another workspace: %s", a.raw)
	}
	if n := h.want(200, "GET", "/workspaces/a/inbox/x", "").len("items"); n != 0 {
		t.Errorf("%d messages came to the sender's own inbox", n)
	}
	if n := h.want(200, "GET", "/workspaces/b/deliveries", "").len("items"); n != 0 {
		t.Errorf("the receiver's workspace has %d deliveries", n)
	}
}
