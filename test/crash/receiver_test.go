package crash

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// change names one change of one link, which one webhook tells of.
type change struct{ link, status string }

// receiver takes webhooks in all runs of a program.
type receiver struct {
	url string

	mu    sync.Mutex
	got   map[string]map[string][]string // by link and status: the bodies of each attempt
	odd   []string                       // what can not be read
	total int
	news  chan struct{} // closed at the next webhook
	meet  func(n int, c change) (answer bool)
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{got: map[string]map[string][]string{}, news: make(chan struct{})}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

// onEach has fn called for each webhook from here on, counted from 1; when it returns false the webhook is
// never answered. nil ends that.
func (r *receiver) onEach(fn func(n int, c change) (answer bool)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total, r.meet = 0, fn
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the sender died while it sent
	}
	if c, n, meet := r.keep(body); meet != nil && !meet(n, c) {
		<-q.Context().Done()
	}
}

func (r *receiver) keep(body []byte) (c change, n int, meet func(int, change) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s status
	if err := json.Unmarshal(body, &s); err != nil || s.LinkID == "" {
		r.odd = append(r.odd, string(body))
	}
	c = change{s.LinkID, s.Status}
	if r.got[c.link] == nil {
		r.got[c.link] = map[string][]string{}
	}
	r.got[c.link][c.status] = append(r.got[c.link][c.status], string(body))
	r.total++
	close(r.news)
	r.news = make(chan struct{})
	return c, r.total, r.meet
}

// bodies are what came of a change so far.
func (r *receiver) bodies(c change) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.got[c.link][c.status]...)
}

// statuses are those of a link that came so far.
func (r *receiver) statuses(link string) (found []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for status := range r.got[link] {
		found = append(found, status)
	}
	return found
}

// wait returns when each of the changes has been told at least once, or says which one never was.
func (r *receiver) wait(wanted []change) error {
	for _, c := range wanted {
		if err := r.waitFor(c, 1); err != nil {
			return err
		}
	}
	return nil
}

// waitFor returns when a change has been told so many times.
func (r *receiver) waitFor(c change, times int) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		r.mu.Lock()
		got, news := len(r.got[c.link][c.status]), r.news
		r.mu.Unlock()
		if got >= times {
			return nil
		}
		select {
		case <-news:
		case <-timer.C:
			return fmt.Errorf("the webhook that link %s is %s came %d times instead of %d", c.link, c.status, got, times)
		}
	}
}

// expectSame holds that all attempts of a change had the same bytes.
func (r *receiver) expectSame(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, byStatus := range r.got {
		for _, bodies := range byStatus {
			if slices.ContainsFunc(bodies, func(body string) bool { return body != bodies[0] }) {
				t.Errorf("the attempts of one delivery differ: %q", bodies)
			}
		}
	}
	if len(r.odd) > 0 {
		t.Errorf("webhooks that can not be read: %q", r.odd)
	}
}
