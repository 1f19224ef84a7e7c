package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is a number of connections that send one request after another.
type load struct {
	client      *http.Client
	url         string
	body        func(n int64) []byte
	connections int
}

func newLoad(connections int, url string, body func(n int64) []byte) load {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
	return load{client: &http.Client{Transport: transport}, url: url, body: body, connections: connections}
}

// outcome is what a load measured.
type outcome struct {
	rate float64 // requests a second
	p99  time.Duration
}

// during sends for a span of time.
func (l load) during(ctx context.Context, span time.Duration) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	began := time.Now()
	times, err := l.send(ctx, func() bool { return ctx.Err() == nil })
	if err != nil {
		return outcome{}, err
	}
	took := time.Since(began)
	slices.Sort(times)
	return outcome{rate: float64(len(times)) / took.Seconds(), p99: times[len(times)*99/100]}, nil
}

// times sends a number of requests.
func (l load) times(ctx context.Context, n int) error {
	left := atomic.Int64{}
	left.Store(int64(n))
	_, err := l.send(ctx, func() bool { return left.Add(-1) >= 0 })
	return err
}

func (l load) send(ctx context.Context, more func() bool) ([]time.Duration, error) {
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		all    []time.Duration
		failed error
		serial atomic.Int64
	)
	for range l.connections {
		group.Go(func() {
			var times []time.Duration
			for more() {
				began := time.Now()
				err := l.one(l.body(serial.Add(1)))
				if err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
				times = append(times, time.Since(began))
			}
			mu.Lock()
			all = append(all, times...)
			mu.Unlock()
		})
	}
	group.Wait()
	if failed == nil && len(all) == 0 {
		failed = ctx.Err()
	}
	l.client.CloseIdleConnections()
	return all, failed
}

func (l load) one(body []byte) error {
	reply, err := l.client.Post(l.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %s", l.url, reply.Status, text)
	}
	return err
}

// createBody is the documented example, without a webhook.
func createBody(n int64) []byte { return linkBody(n, fmt.Sprintf("inv-%d", n), "") }

// toldBody is the same with a webhook.
func toldBody(callback string) func(n int64) []byte {
	return func(n int64) []byte {
		return linkBody(n, fmt.Sprintf("inv-%d", n), fmt.Sprintf(`"callback_url":%q,`, callback))
	}
}

func linkBody(n int64, reference, callback string) []byte {
	return fmt.Appendf(nil, `{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret",`+
		`"single_transfer":{"amount":"125.50","currency":"RON","creditor_name":"Magazin Exemplu SRL","creditor_iban":"RO10RZBR0000069999999970",`+
		`"debtor_iban":"RO03RZBR0000069999999999","psu_id":"9999999998","details":"Factura %d","end_to_end_id":"INV-%d"},`+
		`"payment_method":{"provider_id":"rzb_ro","payment_scheme":"domestic","env":"sandbox"},`+
		`"options":{%s"type":"link","expires_in":604800,"ux_template":"glass","redirect_url":"http://localhost:3000/paid"},`+
		`"tracking":{"customer_ref":"shop-17","payment_ref":%q}}`, n, n, callback, reference)
}

// createOne makes one link and gives its id.
func createOne(base string) (string, error) {
	reply, err := http.Post(base+"/finqlink/v2/links/create", "application/json", bytes.NewReader(createBody(0)))
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	var made struct {
		LinkID string `json:"link_id"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&made); err != nil {
		return "", err
	}
	if made.LinkID == "" {
		return "", fmt.Errorf("links/create answered %s", reply.Status)
	}
	return made.LinkID, nil
}

func getBody(id string) func(int64) []byte {
	body := fmt.Appendf(nil, `{"client_id":"finqlink-demo","client_secret":"finqlink-demo-secret","link_id":%q}`, id)
	return func(int64) []byte { return body }
}
