package events

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func hub() *Hub { return New(func() time.Time { return start }) }

func listen(t interface {
	Helper()
	Fatal(...any)
}, h *Hub, workspace string, f Filter, after uint64) *Listener {
	t.Helper()
	l, err := h.Listen(workspace, f, after)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func moved(state string) Event {
	return Event{Type: OfEntity, At: start, Entity: &Entity{Subject: Subject{"toy", "order", "1"}, Change: Moved, State: state}}
}

// all takes until there is nothing more, and gives states and what was lost.
func all(l *Listener) (told []string, err error) {
	for {
		taken, more, err := l.Take()
		if err != nil || more != nil {
			return told, err
		}
		for _, e := range taken {
			if e.Type == OfLost {
				told = append(told, fmt.Sprintf("lost %d", e.Lost.To-e.Lost.From+1))
			} else {
				told = append(told, e.Entity.State)
			}
		}
	}
}

func TestAListenerHearsWhatComes(t *testing.T) {
	h := hub()
	h.Publish("a", moved("before"))
	first := listen(t, h, "a", Filter{}, 0)
	h.Publish("a", moved("x"), moved("y"))
	h.Publish("b", moved("other"))
	second := listen(t, h, "a", Filter{}, 0)
	h.Publish("a", moved("z"))
	for _, row := range []struct {
		l    *Listener
		want []string
	}{{first, []string{"x", "y", "z"}}, {second, []string{"z"}}} {
		if got, err := all(row.l); err != nil || !cmp.Equal(got, row.want) {
			t.Errorf("told %v, want %v: %v", got, row.want, err)
		}
	}
}

func TestNewsWakeWhoWaits(t *testing.T) {
	h := hub()
	l := listen(t, h, "a", Filter{}, 0)
	_, more, _ := l.Take()
	select {
	case <-more:
		t.Fatal("woken by nothing")
	default:
	}
	h.Publish("a", moved("x"))
	<-more
	if got, _ := all(l); !cmp.Equal(got, []string{"x"}) {
		t.Errorf("told %v", got)
	}
}

// TestASlowReaderLosesItsOwnPlaceOnly, and is told which.
func TestASlowReaderLosesItsOwnPlaceOnly(t *testing.T) {
	h := hub()
	slow, quick := listen(t, h, "a", Filter{}, 0), listen(t, h, "a", Filter{}, 0)
	heard := 0
	for i := range Kept + 10 {
		h.Publish("a", moved(fmt.Sprint(i)))
		told, _ := all(quick)
		heard += len(told)
	}
	if heard != Kept+10 {
		t.Errorf("the quick one heard %d", heard)
	}
	told, _ := all(slow)
	if len(told) != Kept+1 || told[0] != "lost 10" || told[1] != "10" || told[Kept] != fmt.Sprint(Kept+9) {
		t.Errorf("the slow one heard %d, from %v", len(told), told[:2])
	}
}

func TestResume(t *testing.T) {
	h := hub()
	l := listen(t, h, "a", Filter{}, 0)
	base := l.Place()
	h.Publish("a", moved("1"), moved("2"), moved("3"))
	l.Close()
	h.Publish("a", moved("4")) // while nobody listens
	for after, want := range map[uint64][]string{
		base + 1:    {"2", "3", "4"},
		base + 4:    nil,
		base - 5:    {"lost 5", "1", "2", "3", "4"}, // of an earlier run
		base + 1000: {"1", "2", "3", "4"},           // of none
	} {
		l := listen(t, h, "a", Filter{}, after)
		if got, _ := all(l); !cmp.Equal(got, want) {
			t.Errorf("after %d: %v, want %v", int64(after-base), got, want)
		}
		l.Close()
	}
}

func TestEnds(t *testing.T) {
	for name, end := range map[string]func(*Hub){"workspace": func(h *Hub) { h.End("a") }, "hub": (*Hub).Close} {
		h := hub()
		l := listen(t, h, "a", Filter{}, 0)
		place := l.Place()
		_, more, _ := l.Take()
		h.Publish("a", moved("last"))
		end(h)
		<-more
		if got, err := all(l); !errors.Is(err, ErrEnded) || !cmp.Equal(got, []string{"last"}) {
			t.Errorf("%s: %v %v", name, got, err)
		}
		l.Close()
		if h.Listeners() != 0 {
			t.Errorf("%s: %d listen still", name, h.Listeners())
		}
		again, err := h.Listen("a", Filter{}, 0)
		if (err == nil) != (name == "workspace") {
			t.Errorf("%s: listening again: %v", name, err)
		}
		if err == nil && again.Place() <= place {
			t.Errorf("ids began anew: %d after %d", again.Place(), place)
		}
	}
}

func TestBounds(t *testing.T) {
	h := hub()
	for range maxPerWorkspace {
		listen(t, h, "a", Filter{}, 0)
	}
	if _, err := h.Listen("a", Filter{}, 0); !errors.Is(err, ErrFull) {
		t.Errorf("one too many in a workspace: %v", err)
	}
	for i := h.Listeners(); i < MaxListeners; i++ {
		listen(t, h, fmt.Sprint("w", i), Filter{}, 0)
	}
	if _, err := h.Listen("b", Filter{}, 0); !errors.Is(err, ErrFull) {
		t.Errorf("one too many in all: %v", err)
	}
}

// TestWhatNobodyListensToIsForgotten, the one that was left first before the others.
func TestWhatNobodyListensToIsForgotten(t *testing.T) {
	h := hub()
	name := func(i int) string { return fmt.Sprint("w", i) }
	for i := range maxLeft + 3 {
		listen(t, h, name(i), Filter{}, 0).Close()
		if i == 0 {
			defer listen(t, h, name(0), Filter{}, 0).Close() // somebody came back
		}
	}
	for i, want := range []bool{true, false, false, true} {
		if h.Heard(name(i)) != want {
			t.Errorf("%s is heard: %t", name(i), !want)
		}
	}
	if int(h.busy.Load()) != len(h.topics) || len(h.topics) != maxLeft+1 {
		t.Errorf("%d topics, counted as %d", len(h.topics), h.busy.Load())
	}
}

func TestFilter(t *testing.T) {
	about := &Subject{"toy", "order", "1"}
	all := map[string]Event{
		"entity":   moved("x"),
		"delivery": {Type: OfDelivery, Delivery: &Delivery{Provider: "toy", Entity: about}},
		"loose":    {Type: OfDelivery, Delivery: &Delivery{Provider: "toy"}},
		"request":  {Type: OfRequest, Request: &Request{Provider: "toy", Kind: "order", Entity: "1"}},
		"nowhere":  {Type: OfRequest, Request: &Request{}},
		"clock":    {Type: OfClock, Clock: &Clock{}},
	}
	for _, row := range []struct {
		f    Filter
		want []string
	}{
		{Filter{}, []string{"entity", "delivery", "loose", "request", "nowhere", "clock"}},
		{Filter{Types: []Type{OfClock, OfEntity}}, []string{"entity", "clock"}},
		{Filter{Provider: "toy"}, []string{"entity", "delivery", "loose", "request", "clock"}},
		{Filter{Provider: "other"}, []string{"clock"}},
		{Filter{Kind: "order"}, []string{"entity", "delivery", "request", "clock"}},
		{Filter{ID: "1"}, []string{"entity", "delivery", "request", "clock"}},
		{Filter{ID: "2", Types: []Type{OfEntity}}, nil},
	} {
		want := map[string]bool{}
		for _, name := range row.want {
			want[name] = true
		}
		for name, e := range all {
			if row.f.passes(&e) != want[name] {
				t.Errorf("%+v and %s: %t", row.f, name, !want[name])
			}
		}
	}
}

// TestOrder: whatever is published and read in whatever turns, a listener hears all of it in order, or of its gaps.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hub()
		l := listen(t, h, "a", Filter{}, 0)
		published, next := 0, uint64(0)
		last := l.Place()
		for range rapid.IntRange(1, 30).Draw(t, "turns") {
			n := rapid.IntRange(0, 400).Draw(t, "published")
			for range n {
				h.Publish("a", moved("x"))
			}
			published += n
			for range rapid.IntRange(0, 3).Draw(t, "reads") {
				taken, _, err := l.Take()
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range taken {
					from := e.ID
					if e.Type == OfLost {
						from = e.Lost.From
					}
					if from != last+1 {
						t.Fatalf("%d after %d", from, last)
					}
					next += e.ID - last
					last = e.ID
				}
			}
		}
		for {
			taken, _, _ := l.Take()
			if len(taken) == 0 {
				break
			}
			next += taken[len(taken)-1].ID - last
			last = taken[len(taken)-1].ID
		}
		if int(next) != published {
			t.Fatalf("%d of %d events are accounted for", next, published)
		}
	})
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	h := hub()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 200 {
				h.Publish("a", moved("x"))
				h.Heard("a")
			}
		})
		all.Go(func() {
			for j := range 50 {
				l, err := h.Listen("a", Filter{}, 0)
				if err != nil {
					t.Error(err)
					return
				}
				if _, _, err := l.Take(); err != nil && !errors.Is(err, ErrEnded) {
					t.Error(err)
				}
				l.Close()
				if i == 0 && j%10 == 0 {
					h.End("a")
				}
			}
		})
	}
	all.Wait()
	if h.Listeners() != 0 {
		t.Errorf("%d listen still", h.Listeners())
	}
	var nobody *Hub
	nobody.Publish("a", moved("x"))
	nobody.End("a")
	if nobody.Heard("a") {
		t.Error("nobody hears")
	}
}

func BenchmarkPublishToNobody(b *testing.B) {
	h, e := hub(), moved("x")
	for b.Loop() {
		h.Publish("a", e)
	}
}
