package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mockbank/mockbank/internal/events"
)

// TestAStreamBeats where nothing happens, and each beat says where to go on.
func TestAStreamBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := events.New(time.Now)
		listener, err := hub.Listen("a", events.Filter{Types: []events.Type{events.OfClock}}, 0)
		if err != nil {
			t.Fatal(err)
		}
		hub.Publish("a", events.Event{Type: events.OfRequest, Request: &events.Request{}}) // not for this one
		w := httptest.NewRecorder()
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); newStream(w, listener).run(ctx) }()
		time.Sleep(2*pulse + time.Second)
		leave()
		<-ended
		if got := strings.Count(w.Body.String(), ": nothing new\nid: "); got != 2 {
			t.Errorf("%d beats in\n%s", got, w.Body)
		}
		if !strings.Contains(w.Body.String(), fmt.Sprintf("id: %d\n\n", listener.Place())) || hub.Listeners() != 0 {
			t.Errorf("the place %d is not told, or was not let go of: %s", listener.Place(), w.Body)
		}
	})
}

// deaf is a connection whose other side does not read, until its deadline is over.
type deaf struct {
	http.ResponseWriter
	over chan struct{}
}

func (d *deaf) Write([]byte) (int, error) {
	<-d.over
	return 0, errors.New("the deadline is over")
}

func (d *deaf) SetWriteDeadline(time.Time) error { close(d.over); return nil }
func (d *deaf) SetReadDeadline(time.Time) error  { return nil }

// TestAClientThatDoesNotReadIsGivenUp, and holds nobody else.
func TestAClientThatDoesNotReadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := events.New(time.Now)
		listener, err := hub.Listen("a", events.Filter{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		newStream(&deaf{httptest.NewRecorder(), make(chan struct{})}, listener).run(t.Context())
		if took := time.Since(begun); took != writePatience || hub.Listeners() != 0 {
			t.Errorf("given up after %s, and %d listen still", took, hub.Listeners())
		}
	})
}
