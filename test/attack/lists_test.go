package attack

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/mem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/providers"
)

// counted is a driver that counts what is read of it, of which a clock would tell less.
type counted struct {
	kv.Driver
	rows atomic.Int64
}

func (d *counted) View(fn func(kv.Reader) error) error {
	return d.Driver.View(func(r kv.Reader) error { return fn(counting{r, &d.rows}) })
}

type counting struct {
	kv.Reader
	rows *atomic.Int64
}

func (r counting) Get(key []byte) ([]byte, error) {
	r.rows.Add(1)
	return r.Reader.Get(key)
}

func (r counting) Scan(from, to []byte, reverse bool, fn func(key, value []byte) bool) error {
	return r.Reader.Scan(from, to, reverse, func(key, value []byte) bool {
		r.rows.Add(1)
		return fn(key, value)
	})
}

// TestJ6APageCostsThePage, and not what else there is: a page of a list that has become eight times as long reads as
// many rows as before.
func TestJ6APageCostsThePage(t *testing.T) {
	const few, many = 10, 80
	for i, p := range must(providers.All()) {
		t.Run(p.ID, func(t *testing.T) {
			d, driver := named(t, p.ID), &counted{Driver: mem.New()}
			h := providertest.Open(t, func() (*provider.Provider, error) { return anybody(i) }, driver)
			made := 0
			cost := func(total int) int64 {
				for ; made < total; made++ {
					d.wants(t, h, http.MethodPost, d.post, d.good())
				}
				method, path, body := lists[p.ID]("5", "")
				driver.rows.Store(0)
				d.wants(t, h, method, path, body)
				return driver.rows.Load()
			}
			short, long := cost(few), cost(many)
			if short < 5 || long > short+2 { // A counted list steps over its counts.
				t.Errorf("a page of %d reads %d rows, and one of %d reads %d", few, short, many, long)
			}
		})
	}
}

// anybody is a provider that lets anybody in.
func anybody(i int) (*provider.Provider, error) {
	all, err := providers.All()
	if err != nil {
		return nil, err
	}
	all[i].AcceptAny = true
	return all[i], nil
}

// wants sends a request to a house, which must succeed.
func (d door) wants(t *testing.T, h *providertest.House, method, path string, body []byte) {
	t.Helper()
	header := http.Header{}
	for _, line := range d.lines() {
		name, value, _ := strings.Cut(line, ": ")
		header.Set(name, value)
	}
	if got := h.Do(method, d.mount+path, header, body); got.Status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, got.Status, got.Body)
	}
}
