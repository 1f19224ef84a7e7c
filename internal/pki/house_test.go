package pki_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/pki"
)

var today = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(instant time.Time) clock.Wall { return func() time.Time { return instant } }

func authority(t *testing.T) *pki.Authority {
	t.Helper()
	a, err := pki.Make(at(today), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *pki.Authority, order pki.Order) *pki.Issued {
	t.Helper()
	issued, err := a.Issue(order)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}
