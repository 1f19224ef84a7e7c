package provider

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/webhook"
)

// receiver answers with what it was told to, and then with success.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []string // "410 ok": status and body
	got     []*http.Request
	bodies  []string
}

func newReceiver(t *testing.T, answers ...string) *receiver {
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(r.answer))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
	status, text := 200, " TSOK\n"
	if len(r.answers) > 0 {
		_, _ = fmt.Sscan(r.answers[0], &status, &text)
		r.answers = r.answers[1:]
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (r *receiver) header(name string) (values []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.got {
		values = append(values, req.Header.Get(name))
	}
	return values
}

// appoint makes a payment, of which the receivers of both channels are told.
func (y *toy) appoint(name, status, notify string) error {
	return y.do(func(c *Call) error {
		n, err := payments.Next(c)
		if err != nil {
			return err
		}
		_, err = payments.Create(c, n, n.UUID(), &payment{Name: name, Status: status, Notify: notify})
		return err
	})
}

// A form goes out in the bytes of its own encoding, under the channel's own User-Agent, until the receiver says
// the word; what else it says, and be it 200, is a failure.
func TestAChannelMaySendAForm(t *testing.T) {
	y := openToy(t, mem.New())
	shop := newReceiver(t, "200 nope", "500 TSOK")
	must(t, y.appoint("Kräuter", shop.URL, ""))
	y.advance(time.Hour)
	appointed, paid := "action=appointed&name=Kr\xe4uter", "action=paid&name=Kr\xe4uter"
	if want := []string{appointed, paid, appointed, paid}; !slices.Equal(shop.bodies, want) {
		t.Errorf("got %q, want %q", shop.bodies, want)
	}
	if agent, media := shop.header("User-Agent")[0], shop.header("Content-Type")[0]; agent != "Toy FinanceGate" || media != mediaForm {
		t.Errorf("User-Agent %q, Content-Type %q", agent, media)
	}
	y.delivered(2)
}

// A notification keeps its id and its bytes over retries and replays, and no other has its id. A 410 is retried
// where the channel takes it for a failure like any other.
func TestANotificationKeepsItsID(t *testing.T) {
	y := openToy(t, mem.New())
	shop := newReceiver(t, "410 gone", "500 no")
	must(t, y.appoint("x", "", shop.URL))
	y.advance(2 * time.Hour)
	y.delivered(1)
	y.must(func(c *Call) error { return webhook.Replay(c.tx, 1) })
	y.advance(time.Second)
	must(t, y.appoint("y", "", shop.URL))
	y.advance(time.Second)
	ids := shop.header("X-Request-Id")
	if len(ids) != 5 || len(slices.Compact(slices.Clone(ids[:4]))) != 1 || ids[4] == ids[0] || len(ids[0]) != 36 || ids[0][14] != '4' {
		t.Errorf("the ids are %q", ids)
	}
	if same := slices.Compact(slices.Clone(shop.bodies[:4])); len(same) != 1 || !strings.HasPrefix(same[0], `{"id":"`) {
		t.Errorf("the bodies are %q", shop.bodies)
	}
	if agent := shop.header("User-Agent")[0]; agent != "mockbank/test" {
		t.Errorf("User-Agent %q", agent)
	}
}

// A body is held against its schema before it is encoded, whatever it is then.
func TestABodyIsTrueToItsSchema(t *testing.T) {
	y := openToy(t, mem.New())
	err := y.appoint("far too long a name", "http://localhost:1", "")
	if err == nil || !strings.Contains(err.Error(), "appointed webhook is not true to its schema: /name") {
		t.Errorf("got %v", err)
	}
}

// What the bank says about the money may come in the wrong order, also where another channel tells the same
// receiver something in between.
func TestAStoryTurnsTheOrderOfOneChannel(t *testing.T) {
	y := openToy(t, mem.New())
	shop := newReceiver(t)
	must(t, y.sell(slip{Ref: "turned.1", Name: "x", Status: shop.URL, Notify: shop.URL, UseAt: start.Add(time.Minute)}))
	y.advance(time.Hour)
	want := []string{`{"id":"of turned.1"}`, "action=paid&name=x", "action=appointed&name=x"}
	if !slices.Equal(shop.bodies, want) {
		t.Errorf("got %q, want %q", shop.bodies, want)
	}
}

// delivered checks that all deliveries arrived.
func (y *toy) delivered(n int) {
	y.t.Helper()
	y.must(func(c *Call) error {
		page, _, err := webhook.List(c.tx, webhook.Filter{State: webhook.Delivered}, 0, 100)
		if len(page) != n {
			y.t.Errorf("%d were delivered, want %d", len(page), n)
		}
		return err
	})
}
