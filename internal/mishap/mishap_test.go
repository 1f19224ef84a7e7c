package mishap_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/mishap"
)

const body = `{"id":"0123456789","state":"created"}`

// send gives what was written, and whether the connection was closed behind it.
func send(ctx context.Context, text string, as mishap.Reply) (w *httptest.ResponseRecorder, aborted bool) {
	w = httptest.NewRecorder()
	defer func() { aborted = recover() == http.ErrAbortHandler }()
	mishap.Send(ctx, w, http.StatusAccepted, []byte(text), as)
	return w, aborted
}

func TestSend(t *testing.T) {
	tests := map[string]struct {
		as      mishap.Reply
		want    string
		aborted bool
	}{
		"nothing":       {mishap.Reply{}, body, false},
		"lose":          {mishap.Reply{Lose: true}, "", true},
		"lose and cut":  {mishap.Reply{Lose: true, Cut: true, Spoil: true}, "", true},
		"cut":           {mishap.Reply{Cut: true}, body[:len(body)/2], true},
		"spoil":         {mishap.Reply{Spoil: true}, body[:len(body)*2/3] + "<<<", false},
		"spoil and cut": {mishap.Reply{Spoil: true, Cut: true}, body[:(len(body)*2/3+3)/2], true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, aborted := send(t.Context(), body, tt.as)
			if w.Body.String() != tt.want || aborted != tt.aborted {
				t.Errorf("wrote %q, closed %t; want %q, %t", w.Body, aborted, tt.want, tt.aborted)
			}
			if !tt.as.Lose && w.Code != http.StatusAccepted {
				t.Errorf("the status is %d", w.Code)
			}
		})
	}
}

// TestSpoiltIsNoJSON, whatever it was, and the body that it was made of stays as it is.
func TestSpoiltIsNoJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "value")
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(text)
		w := httptest.NewRecorder()
		mishap.Send(context.Background(), w, http.StatusOK, text, mishap.Reply{Spoil: true})
		if json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s is JSON", w.Body)
		}
		if !bytes.Equal(text, before) {
			t.Fatal("the body was written into")
		}
	})
}

func TestDrip(t *testing.T) {
	tests := map[string]struct {
		text    string
		as      mishap.Reply
		want    string
		took    time.Duration
		aborted bool
	}{
		"a long one":   {strings.Repeat("x", 1000), mishap.Reply{Drip: time.Second}, strings.Repeat("x", 1000), 20 * time.Second, false},
		"a short one":  {"abc", mishap.Reply{Drip: time.Second}, "abc", 3 * time.Second, false},
		"an empty one": {"", mishap.Reply{Drip: time.Second}, "", 0, false},
		"and cut":      {"abcdef", mishap.Reply{Drip: time.Second, Cut: true}, "abc", 3 * time.Second, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				since := clock.System()
				w, aborted := send(t.Context(), tt.text, tt.as)
				took := clock.System().Sub(since)
				if w.Body.String() != tt.want || took != tt.took || aborted != tt.aborted {
					t.Errorf("wrote %q in %s, closed %t; want %q in %s, %t", w.Body, took, aborted, tt.want, tt.took, tt.aborted)
				}
			})
		})
	}
}

func TestDripEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		if w, _ := send(ctx, body, mishap.Reply{Drip: time.Second}); w.Body.Len() >= len(body) || w.Body.Len() == 0 {
			t.Errorf("%d of %d bytes were written", w.Body.Len(), len(body))
		}
	})
}

func TestAnd(t *testing.T) {
	lose, slow := mishap.Reply{Lose: true, Drip: time.Second}, mishap.Reply{Cut: true, Drip: time.Minute}
	want := mishap.Reply{Lose: true, Cut: true, Drip: time.Minute}
	if lose.And(slow) != want || slow.And(lose) != want || want.And(mishap.Reply{}) != want {
		t.Errorf("got %+v and %+v, want %+v", lose.And(slow), slow.And(lose), want)
	}
}

// TestAResetWithoutAConnection: where none can be had, it ends without an answer all the same.
func TestAResetWithoutAConnection(t *testing.T) {
	if w, aborted := send(t.Context(), body, mishap.Reply{Reset: true}); !aborted || w.Body.Len() > 0 {
		t.Errorf("wrote %q, closed %t", w.Body, aborted)
	}
}
