package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// use spends an assertion, and tells whether it was the first time.
func (m *room) use(workspace, provider, client, jti string, until time.Time) (first bool) {
	m.t.Helper()
	m.in(workspace, func(tx *store.Tx) {
		var err error
		first, err = spentAssertions{tx, provider}.UseOnce(client, jti, until)
		must(m.t, err)
	})
	return first
}

// remembered counts the rows that are kept of used assertions.
func (m *room) remembered() (assertions, ends int) {
	m.t.Helper()
	count := func(n *int) func(store.Key, func(any) error) (bool, error) {
		return func(store.Key, func(any) error) (bool, error) { *n++; return true, nil }
	}
	m.in(store.Default, func(tx *store.Tx) {
		must(m.t, assertionRows.Scan(tx, nil, false, count(&assertions)))
		must(m.t, forgetRows.Scan(tx, nil, false, count(&ends)))
	})
	return assertions, ends
}

func TestAnAssertionIsUsedOnce(t *testing.T) {
	m := newRoom(t)
	until := start.Add(time.Minute)
	for _, tt := range []struct {
		workspace, provider, client, jti string
		want                             bool
	}{
		{"default", "toy", "demo", "1", true},
		{"default", "toy", "demo", "1", false},
		{"default", "toy", "demo", "2", true},
		{"default", "toy", "other", "1", true},
		{"default", "tin", "demo", "1", true},
		{"a-1", "toy", "demo", "1", true},
		{"default", "toy", "dem", "o1", true},
		{"default", "toy", "demo", "1\x00", true},
		{"default", "toy", "demo", "1", false},
	} {
		if got := m.use(tt.workspace, tt.provider, tt.client, tt.jti, until); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}

// TestJ9OldAssertionsAreForgotten: by the wall, by which they are judged, and a few at a time.
func TestJ9OldAssertionsAreForgotten(t *testing.T) {
	m := newRoom(t)
	for i := range 10 {
		m.use(store.Default, "toy", "demo", fmt.Sprint("old ", i), start.Add(time.Minute))
	}
	m.use(store.Default, "toy", "demo", "long", start.Add(24*time.Hour))
	m.pass(quarter) // The workspace's time has no say in it.
	m.use(store.Default, "toy", "demo", "new 0", start.Add(24*time.Hour))
	if n, ends := m.remembered(); n != 12 || ends != 12 {
		t.Errorf("%d and %d rows are kept before the end, want 12", n, ends)
	}
	m.wall = start.Add(2 * time.Minute)
	for i, want := range []int{12 + 1 - store.ForgetAtOnce, 12 + 2 - 2*store.ForgetAtOnce, 5, 6} {
		if !m.use(store.Default, "toy", "demo", fmt.Sprint("later ", i), m.wall.Add(24*time.Hour)) {
			t.Error("a new assertion is used already")
		}
		if n, ends := m.remembered(); n != want || ends != want {
			t.Errorf("after %d more %d and %d rows are kept, want %d", i+1, n, ends, want)
		}
	}
	if m.use(store.Default, "toy", "demo", "long", start.Add(24*time.Hour)) {
		t.Error("an assertion that is still valid was forgotten")
	}
}

// TestJ9UsedAssertionsStayBounded under a load that does not end: what is kept is what may still be replayed, however
// many there were.
func TestJ9UsedAssertionsStayBounded(t *testing.T) {
	const perSecond, lifetime = 20, 10
	m := newRoom(t)
	for second := range 5 * lifetime {
		m.wall = start.Add(time.Duration(second) * time.Second)
		for i := range perSecond {
			if !m.use(store.Default, "toy", "demo", fmt.Sprint(second, " ", i), m.wall.Add(lifetime*time.Second)) {
				t.Fatal("a new assertion is used already")
			}
		}
		// Those that ended within this second wait for the next uses, of which each forgets a few.
		if n, ends := m.remembered(); n > perSecond*(lifetime+1) || n != ends {
			t.Fatalf("after %d seconds %d and %d rows are kept, of %d that may be replayed", second, n, ends, perSecond*lifetime)
		}
	}
}

// TestAnAssertionLivesToItsLastInstant: it is forgotten when the wall has passed its end, not when it reads it.
func TestAnAssertionLivesToItsLastInstant(t *testing.T) {
	m := newRoom(t)
	until := start.Add(time.Minute)
	m.use(store.Default, "toy", "demo", "1", until)
	m.wall = until
	m.use(store.Default, "toy", "demo", "2", until.Add(time.Minute))
	if m.use(store.Default, "toy", "demo", "1", until) {
		t.Error("it was forgotten too early")
	}
}
