package webhook

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/schedule"
	"github.com/mockbank/mockbank/internal/store"
)

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

const (
	ws      = "default"
	patient = 8 * time.Second // how long a test waits for what must come
)

// world is a frozen workspace with a running loop, a sender and an inbox.
type world struct {
	t      *testing.T
	store  *store.Store
	loop   *schedule.Loop
	sender *Sender
	inbox  *Inbox
	key    string // that signs at present
	mu     sync.Mutex
}

type options struct {
	channel  Channel
	roots    *x509.CertPool
	resolver *net.Resolver
	driver   kv.Driver
	relay    Relay
}

// newWorld starts one; the channel is named test/hook, with a second one like it, test/other, and its attempts take at most 300 ms.
func newWorld(t *testing.T, o options) *world {
	t.Helper()
	if o.driver == nil {
		o.driver = mem.New()
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := store.Open(store.Config{Driver: o.driver, Wall: clock.System, Log: quiet, Clock: clock.Setting{Mode: clock.Frozen, Base: start}, Seed: 1, MaxWorkspaces: 100})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: s, key: "key-1"}
	c := o.channel
	c.Provider, c.Name = "test", "hook"
	if c.Timeout == 0 {
		c.Timeout = 300 * time.Millisecond
	}
	if c.Schedule == nil {
		c.Schedule = []time.Duration{5 * time.Second, time.Minute}
	}
	if c.Prepare == nil {
		c.Prepare = w.sign
	}
	c.Verify = verify
	other := c
	other.Name = "other"
	channels := Channels{&c, &other}
	w.inbox = &Inbox{Store: s, Channels: channels}
	w.sender = New(Config{Store: s, Log: quiet, Channels: channels, Inbox: w.inbox, Version: "test", Roots: o.roots, Resolver: o.resolver, Relay: o.relay})
	w.loop = schedule.New(schedule.Config{Store: s, Log: quiet, Apply: func(*store.Tx, *store.Job) error { return nil }, Send: w.sender.Send})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.loop.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.sender.Close()
		s.Close()
	})
	return w
}

func (w *world) sign(_ *store.Tx, d *Delivery, spoil Spoil) (func() (http.Header, error), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := w.key
	return func() (http.Header, error) {
		signature := key + ":" + string(d.Body)
		if spoil.BadSignature {
			signature += "!"
		}
		if spoil.UnknownKid {
			signature = "key-unknown:" + string(d.Body)
		}
		return http.Header{"X-Signature": {signature}, "Authorization": {"Bearer secret"}}, nil
	}, nil
}

func verify(_ *store.Tx, header http.Header, body []byte) (bool, error) {
	switch header.Get("X-Signature") {
	case "":
		return false, nil
	case "key-1:" + string(body), "key-2:" + string(body):
		return true, nil
	}
	return true, errors.New("the signature does not fit")
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(context.Background(), ws, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) view(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.store.View(context.Background(), ws, fn); err != nil {
		w.t.Fatal(err)
	}
}

// record records deliveries in one transaction and gives their numbers.
func (w *world) record(ds ...Delivery) (numbers []uint64) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		for _, d := range ds {
			d.Provider, d.Channel, d.Type, d.ContentType = "test", cmp.Or(d.Channel, "hook"), "changed", "application/json"
			if d.Body == nil {
				d.Body = []byte(`{"type":"changed"}`)
			}
			if err := Record(tx, &d); err != nil {
				return err
			}
			numbers = append(numbers, d.Sequence)
		}
		return nil
	})
	return numbers
}

// until waits for a state of the workspace, and looks again at each commit.
func (w *world) until(what string, reached func(tx *store.Tx) bool) {
	w.t.Helper()
	limit := time.NewTimer(patient)
	defer limit.Stop()
	for {
		changed, release := w.store.Change(ws)
		done := false
		w.view(func(tx *store.Tx) error { done = reached(tx); return nil })
		if done {
			release()
			return
		}
		select {
		case <-changed:
			release()
		case <-limit.C:
			release()
			w.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// made waits until n attempts of a delivery have ended, and gives them.
func (w *world) made(sequence uint64, n int) (made []Attempt) {
	w.t.Helper()
	w.until("attempts to end", func(tx *store.Tx) bool {
		var err error
		if made, err = Attempts(tx, sequence); err != nil {
			w.t.Fatal(err)
		}
		return len(made) >= n && !made[n-1].Ended.IsZero()
	})
	return made
}

// reaches waits until a delivery is in one of the states, and gives it.
func (w *world) reaches(sequence uint64, states ...State) (d *Delivery) {
	w.t.Helper()
	w.until("a delivery to be "+string(states[0]), func(tx *store.Tx) bool {
		var err error
		if d, err = Get(tx, sequence); err != nil {
			w.t.Fatal(err)
		}
		return slices.Contains(states, d.State)
	})
	return d
}

func (w *world) advance(by time.Duration) {
	w.t.Helper()
	var now time.Time
	w.view(func(tx *store.Tx) error { now = tx.Now(); return nil })
	if _, err := w.loop.Advance(context.Background(), ws, now.Add(by), schedule.WaitDeliveries); err != nil {
		w.t.Fatal(err)
	}
}

// got reads what an inbox got.
func (w *world) got(name string) (ms []Message) {
	w.t.Helper()
	w.view(func(tx *store.Tx) (err error) { ms, err = Messages(tx, name, 0, 10_000); return err })
	return ms
}

func entity(id string) store.Ref { return store.Ref{Provider: "test", Kind: "thing", ID: id} }

func inboxURL(name string) string { return "http://" + InboxHost + "/" + ws + "/" + name }
