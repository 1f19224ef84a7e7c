package control_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
)

// No bad advance moves the clock.
func TestI3AnAdvanceThatIsNoLength(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", "{}")
	for body, want := range map[string]int{
		`{}`:                               422,
		`{"by":"1d","to":"next"}`:          422,
		`{"by":""}`:                        422,
		`{"by":"0s"}`:                      422,
		`{"by":"-5m"}`:                     422,
		`{"by":"5"}`:                       422,
		`{"by":"5w"}`:                      422,
		`{"by":"1.5h"}`:                    422,
		`{"by":"1e3s"}`:                    422,
		`{"by":"NaN"}`:                     422,
		`{"by":"NaNs"}`:                    422,
		`{"by":"Infs"}`:                    422,
		`{"by":"05s"}`:                     422,
		`{"by":" 5s"}`:                     422,
		`{"by":5}`:                         422,
		`{"by":1e18}`:                      422,
		`{"by":null}`:                      422,
		`{"by":"1000000000000000000s"}`:    422,
		`{"by":"999999999d"}`:              422,
		`{"by":"9223372036854775807ms"}`:   422,
		`{"to":""}`:                        422,
		`{"to":"tomorrow"}`:                422,
		`{"to":"2026-01-16"}`:              422,
		`{"to":"2026-02-31T00:00:00Z"}`:    422,
		`{"to":"2026-01-15T10:30:00Z"}`:    422,
		`{"to":"2026-01-15T10:29:59Z"}`:    422,
		`{"to":"2026-01-15T10:30:00.1Z "}`: 422,
		`{"to":"0000-01-01T00:00:00Z"}`:    422,
		`{"to":"9999-12-31T23:59:59Z"}`:    422,
		`{"to":"next"}`:                    409,
		`{"by":"1d","wait":"forever"}`:     422,
		`{"by":"1d","speed":2}`:            422,
		`{"by":NaN}`:                       400,
	} {
		a := h.do("POST", "/workspaces/a/clock/advance", body)
		if a.status != want {
			t.Errorf("%s: %d, want %d: %s", body, a.status, want, a.raw)
		}
		if now := h.want(200, "GET", "/workspaces/a/clock", "").text("now"); now != "2026-01-15T10:30:00Z" {
			t.Fatalf("%s moved the clock to %s", body, now)
		}
	}
}

func TestAdvance(t *testing.T) {
	h := build(t, nil)
	for _, row := range []struct{ body, now string }{
		{`{"by":"1ms"}`, "2026-01-15T10:30:00.001Z"},
		{`{"by":"999ms"}`, "2026-01-15T10:30:01Z"},
		{`{"by":"59s"}`, "2026-01-15T10:31:00Z"},
		{`{"by":"29m","wait":"none"}`, "2026-01-15T11:00:00Z"},
		{`{"by":"13h"}`, "2026-01-16T00:00:00Z"},
		{`{"by":"90d"}`, "2026-04-16T00:00:00Z"},
		{`{"to":"2026-04-16T02:00:00+01:00"}`, "2026-04-16T01:00:00Z"},
		{`{"by":"2000000d"}`, "7502-02-08T01:00:00Z"}, // which no time.Duration can hold
	} {
		a := h.want(200, "POST", "/workspaces/a/clock/advance", row.body)
		if a.text("to") != row.now {
			t.Errorf("%s leads to %s, want %s", row.body, a.text("to"), row.now)
		}
	}
}

func TestAdvanceTellsWhatFired(t *testing.T) {
	h := build(t, nil)
	id := h.order("a", "x")
	if next := h.want(200, "GET", "/workspaces/a/clock", "").text("next"); next != "2026-01-15T10:40:00Z" {
		t.Errorf("next is %s, want that of the deadline", next)
	}
	a := h.want(200, "POST", "/workspaces/a/clock/advance", `{"to":"next"}`)
	if a.text("to") != "2026-01-15T10:40:00Z" || a.at("fired") != 1.0 || a.text("jobs", 0, "event") != "revoke" || a.text("jobs", 0, "entity", "id") != id {
		t.Errorf("the report: %s", a.raw)
	}
	if state := h.want(200, "GET", "/workspaces/a/entities/toy/order/"+id, "").text("state"); state != "revoked" {
		t.Errorf("the order is %s after its deadline", state)
	}
}

func TestPutClock(t *testing.T) {
	h := build(t, nil)
	for _, row := range []struct {
		body string
		want int
		mode string
		now  string
	}{
		{`{"now":"2020-02-29T00:00:00Z"}`, 200, "frozen", "2020-02-29T00:00:00Z"},
		{`{"mode":"real"}`, 200, "real", "2020-02-29T00:00:00Z"},
		{`{"mode":"scaled","scale":60}`, 200, "scaled", "2020-02-29T00:00:00Z"},
		{`{"now":"2026-01-01T00:00:00+01:00"}`, 200, "scaled", "2025-12-31T23:00:00Z"},
		{`{"scale":0.5}`, 200, "scaled", "2025-12-31T23:00:00Z"},
		{`{"scale":0}`, 422, "scaled", "2025-12-31T23:00:00Z"},
		{`{"scale":-1}`, 422, "scaled", "2025-12-31T23:00:00Z"},
		{`{"scale":1e18}`, 422, "scaled", "2025-12-31T23:00:00Z"},
		{`{"mode":"frozen"}`, 200, "frozen", "2025-12-31T23:00:00Z"},
		{`{"mode":"scaled"}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{"mode":"frozen","scale":2}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{"mode":"stopped"}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{"now":"1969-12-31T23:59:59Z"}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{"now":"9999-12-31T23:59:59Z"}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{"now":"0000-01-01T00:00:00Z"}`, 422, "frozen", "2025-12-31T23:00:00Z"},
		{`{"now":"2026-02-31T00:00:00Z"}`, 422, "frozen", "2025-12-31T23:00:00Z"},
	} {
		a := h.want(row.want, "PUT", "/workspaces/a/clock", row.body)
		if row.want != 200 {
			a = h.want(200, "GET", "/workspaces/a/clock", "")
		}
		if a.text("mode") != row.mode || a.text("now") != row.now {
			t.Errorf("%s: %s at %s, want %s at %s", row.body, a.text("mode"), a.text("now"), row.mode, row.now)
		}
	}
}

// jumping is a house whose workspace a is in a jump that a receiver holds up. Who asked for it goes away by leave, and
// then has its answer.
func jumping(t *testing.T) (h *house, leave context.CancelFunc, jumped <-chan answer) {
	t.Helper()
	h = build(t, func(cfg *app.Config) {
		cfg.Wall, cfg.Clock = clock.System, clock.Setting{Mode: clock.Frozen, Base: start}
	})
	h.want(201, "PUT", "/workspaces/a", `{"webhook_url":"http://inbox.localhost/a/x"}`)
	h.want(200, "PUT", "/workspaces/a/inbox/x", `{"hang":true}`)
	h.order("a", "x")
	leaving, leave := context.WithCancel(t.Context())
	done := make(chan answer)
	go func() {
		r := httptest.NewRequestWithContext(leaving, "POST", "http://localhost/_mockbank/v1/workspaces/a/clock/advance", strings.NewReader(`{"by":"10m"}`))
		r.Header.Set("Content-Type", "application/json")
		done <- h.send(r)
	}()
	for deadline := time.Now().Add(10 * time.Second); !h.want(200, "GET", "/workspaces/a/clock", "").at("advancing").(bool); {
		if time.Now().After(deadline) {
			t.Fatal("the jump does not begin")
		}
	}
	return h, leave, done
}

// A second jump is refused. The first one waits for a receiver that hangs.
func TestI4SecondAdvance(t *testing.T) {
	h, leave, jumped := jumping(t)
	a := h.want(409, "POST", "/workspaces/a/clock/advance", `{"by":"1s"}`)
	if a.text("code") != "already_advancing" {
		t.Errorf("the second one: %s", a.raw)
	}
	// A caller who goes away ends the jump at an instant up to which all was run.
	leave()
	if a := <-jumped; a.status != 504 || !strings.Contains(a.text("detail"), "Time stands at 2026-01-15T10:") {
		t.Errorf("the first one: %d %s", a.status, a.raw)
	}
	if h.want(200, "GET", "/workspaces/a/clock", "").at("advancing") != false {
		t.Error("time is still said to be on its way")
	}
}

// A jump by a day is one of 24 hours: time is UTC, so no day is shorter or longer, and there are no months to jump by.
func TestI8DaysHaveTwentyFourHours(t *testing.T) {
	h := build(t, nil)
	for name, c := range map[string]struct{ from, by, want string }{
		"into a leap day":                    {"2024-02-28T12:00:00Z", "1d", "2024-02-29T12:00:00Z"},
		"over a leap day":                    {"2024-02-28T12:00:00Z", "2d", "2024-03-01T12:00:00Z"},
		"no leap day":                        {"2026-02-28T12:00:00Z", "1d", "2026-03-01T12:00:00Z"},
		"no leap day in a full century":      {"2100-02-28T12:00:00Z", "1d", "2100-03-01T12:00:00Z"},
		"a year from a leap day":             {"2024-02-29T00:00:00Z", "365d", "2025-02-28T00:00:00Z"},
		"thirty days from a month's end":     {"2026-01-31T23:59:59Z", "30d", "2026-03-02T23:59:59Z"},
		"the hour that Europe leaves out":    {"2026-03-28T12:00:00Z", "1d", "2026-03-29T12:00:00Z"},
		"the hour that Europe has twice":     {"2026-10-24T12:00:00Z", "24h", "2026-10-25T12:00:00Z"},
		"from another zone's time":           {"2026-03-29T01:59:59+01:00", "1s", "2026-03-29T01:00:00Z"},
		"over the second that leaps in 2016": {"2016-12-31T23:59:59Z", "1s", "2017-01-01T00:00:00Z"},
	} {
		h.want(200, "PUT", "/workspaces/a/clock", `{"now":"`+c.from+`"}`)
		if a := h.want(200, "POST", "/workspaces/a/clock/advance", `{"by":"`+c.by+`"}`); a.text("to") != c.want {
			t.Errorf("%s: %s and %s lead to %s, want %s", name, c.from, c.by, a.text("to"), c.want)
		}
	}
}
