package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// TestBadReceivers is group G of the list of faults: what a receiver does, and what becomes of the delivery.
func TestBadReceivers(t *testing.T) {
	ca := newAuthority(t)
	good := func(*x509.Certificate, *tls.Config) {}
	for _, c := range []struct {
		name     string
		target   string
		accepted func(int, []byte) bool
		insecure bool
		class    Class // of the first attempt; empty: it succeeds
		says     string
		end      State
		attempts int
	}{
		{name: "G1 hangs after connect", target: "http://" + listen(t, hangs), class: ClassTimeout, says: "300ms", end: Exhausted, attempts: 3},
		{name: "G1 hangs after headers", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", " ", time.Hour)), class: ClassTimeout, end: Exhausted, attempts: 3},
		{name: "G2 drips for ever", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\n\r\n", "x", 10*time.Millisecond)), class: ClassTimeout, end: Exhausted, attempts: 3},
		{name: "G3 a body without end", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 4096), 0)), end: Delivered, attempts: 1},
		{name: "G4 headers without end", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("x", 1000)+"\r\n", 0)), class: ClassTooLarge, end: Exhausted, attempts: 3},
		{name: "G4 one endless header", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\nX-A: ", strings.Repeat("x", 4096), 0)), class: ClassTooLarge, end: Exhausted, attempts: 3},
		{name: "G5 redirect", target: "http://" + listen(t, status(302, "Location: http://169.254.169.254/")), class: ClassRedirect, says: "302", end: Exhausted, attempts: 3},
		{name: "G5 redirect that is said to be success", target: "http://" + listen(t, status(307, "Location: /")), accepted: func(int, []byte) bool { return true }, class: ClassRedirect, end: Exhausted, attempts: 3},
		{name: "G6 error", target: "http://" + listen(t, status(500)), class: ClassStatus, says: "500", end: Exhausted, attempts: 3},
		{name: "G6 not found", target: "http://" + listen(t, status(404)), class: ClassStatus, end: Exhausted, attempts: 3},
		{name: "G8 gone", target: "http://" + listen(t, status(410)), class: ClassStatus, says: "410", end: Gone, attempts: 1},
		{name: "G9 reset", target: "http://" + listen(t, resets), class: ClassReset, end: Exhausted, attempts: 3},
		{name: "G9 closes at once", target: "http://" + listen(t, func(context.Context, net.Conn) {}), class: ClassReset, end: Exhausted, attempts: 3},
		{name: "G9 nobody listens", target: "http://" + closedPort(t), class: ClassRefused, end: Exhausted, attempts: 3},
		{name: "G9 no HTTP", target: "http://" + listen(t, answersWith("220 mail.example ESMTP\r\n", "", 0)), class: ClassNotHTTP, end: Exhausted, attempts: 3},
		{name: "G9 HTTP/0.9", target: "http://" + listen(t, answersWith("<html>ok</html>\r\n", "", 0)), class: ClassNotHTTP, end: Exhausted, attempts: 3},
		{name: "G9 1xx without end", target: "http://" + listen(t, answersWith("", "HTTP/1.1 103 Early\r\nX-A: "+strings.Repeat("x", 100)+"\r\n\r\n", 0)), class: ClassTooLarge, end: Exhausted, attempts: 3},
		{name: "G9 switches protocols", target: "http://" + listen(t, answersWith("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "x", time.Hour)), class: ClassStatus, end: Exhausted, attempts: 3},
		{name: "G10 sound TLS", target: "https://" + ca.serve(good), end: Delivered, attempts: 1},
		{name: "G10 unknown authority", target: "https://" + newAuthority(t).serve(good), class: ClassTLS, says: "self-signed", end: Exhausted, attempts: 3},
		{name: "G10 unknown authority, allowed", target: "https://" + newAuthority(t).serve(good), insecure: true, end: Delivered, attempts: 1},
		{name: "G10 expired", target: "https://" + ca.serve(func(c *x509.Certificate, _ *tls.Config) { c.NotAfter = time.Now().Add(-time.Minute) }), class: ClassTLS, says: "expired", end: Exhausted, attempts: 3},
		{name: "G10 another name", target: "https://" + ca.serve(func(c *x509.Certificate, _ *tls.Config) { c.IPAddresses, c.DNSNames = nil, []string{"other.example"} }), class: ClassTLS, says: "another host name", end: Exhausted, attempts: 3},
		{name: "G10 TLS 1.0 only", target: "https://" + ca.serve(func(_ *x509.Certificate, cfg *tls.Config) { cfg.MaxVersion = tls.VersionTLS10 }), class: ClassTLS, says: "versions", end: Exhausted, attempts: 3},
		{name: "G10 plain port", target: "https://" + listen(t, plain), class: ClassTLS, says: "does not speak TLS", end: Exhausted, attempts: 3},
		{name: "G13 no content", target: "http://" + listen(t, answersWith("HTTP/1.1 204 No Content\r\n\r\n", "", 0)), end: Delivered, attempts: 1},
		{name: "G13 an error in the body", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"error\":\"oops\"}", "", 0)), end: Delivered, attempts: 1},
		{name: "G13 more than it said", target: "http://" + listen(t, answersWith("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and garbage", "", 0)), end: Delivered, attempts: 1},
		{name: "a channel with another success", target: "http://" + listen(t, status(200)), accepted: func(_ int, body []byte) bool { return string(body) == "TSOK" }, class: ClassStatus, end: Exhausted, attempts: 3},
		{name: "a channel that panics", target: "http://" + listen(t, status(200)), accepted: func(int, []byte) bool { panic("oh") }, class: ClassInternal, end: Exhausted, attempts: 3},
		{name: "link-local", target: "http://169.254.169.254/latest/meta-data", class: ClassBlocked, says: "link-local", end: Exhausted, attempts: 3},
		{name: "a URL that nobody checked", target: "gopher://x/", class: ClassURL, end: Exhausted, attempts: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{channel: Channel{Accepted: c.accepted}, roots: ca.roots()})
			n := w.record(Delivery{Target: c.target, InsecureTLS: c.insecure})[0]
			first := w.made(n, 1)[0]
			switch {
			case c.class == "" && first.Failure != nil:
				t.Errorf("failed: %v", first.Failure)
			case c.class != "" && (first.Failure == nil || first.Failure.Class != c.class || !strings.Contains(first.Failure.Message, c.says)):
				t.Errorf("failed with %v, want %s with %q", first.Failure, c.class, c.says)
			}
			if time.Duration(first.Took) > 5*time.Second || len(first.Excerpt) > maxExcerpt {
				t.Errorf("took %v, kept %d bytes", first.Took, len(first.Excerpt))
			}
			w.advance(time.Hour)
			d := w.reaches(n, c.end)
			if d.Attempts != c.attempts || !d.Next.IsZero() {
				t.Errorf("ended after %d attempts, want %d", d.Attempts, c.attempts)
			}
		})
	}
}

func TestRetriesFollowTheScheduleInWorkspaceTime(t *testing.T) {
	w := newWorld(t, options{})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 503, Times: 2}) })
	n := w.record(Delivery{Target: inboxURL("in"), Entity: entity("a")})[0]
	w.made(n, 1)
	w.advance(4 * time.Second)
	if d := w.reaches(n, Pending); d.Attempts != 1 || !d.Next.Equal(start.Add(5*time.Second)) {
		t.Errorf("after 4 s: %+v", d)
	}
	w.advance(time.Hour)
	d := w.reaches(n, Delivered)
	made := w.made(n, 3)
	for i, want := range []time.Duration{0, 5 * time.Second, 65 * time.Second} {
		if at := made[i].At.Sub(start); at != want {
			t.Errorf("attempt %d at %s, want %s", i+1, at, want)
		}
	}
	if d.Failures != 2 || d.Arrived != 1 || !made[0].RetryAt.Equal(start.Add(5*time.Second)) {
		t.Errorf("in the end: %+v", d)
	}
	for _, m := range w.got("in") {
		if string(m.Body) != `{"type":"changed"}` || m.Header.Get("Content-Type") != "application/json" || m.Header.Get("User-Agent") != "mockbank/test" {
			t.Errorf("got %+v", m)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	wall := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              -1,
		"7":                             7 * time.Second,
		"0":                             0,
		" 120 ":                         2 * time.Minute,
		"-5":                            -1,
		"1.5":                           -1,
		"soon":                          -1,
		"315360000":                     maxRetryAfter,
		"99999999999999999999":          maxRetryAfter,
		"Wed, 01 May 2030 12:00:30 GMT": 30 * time.Second,
		"Wed, 01 May 2030 11:59:30 GMT": -1,
		"Wed, 01 May 2040 12:00:30 GMT": maxRetryAfter,
	} {
		got, ok := retryAfter(text, wall)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestRetryAfterIsObeyedInWorkspaceTime(t *testing.T) {
	for status, want := range map[int]time.Duration{429: 90 * time.Second, 503: 90 * time.Second, 500: 5 * time.Second} {
		w := newWorld(t, options{})
		w.update(func(tx *store.Tx) error {
			return SetAnswer(tx, "in", Answer{Status: status, RetryAfter: "90"})
		})
		n := w.record(Delivery{Target: inboxURL("in")})[0]
		if at := w.made(n, 1)[0].RetryAt.Sub(start); at != want {
			t.Errorf("%d: the next attempt is after %s, want %s", status, at, want)
		}
	}
}

func TestDefaultScheduleHasSeededJitter(t *testing.T) {
	d := &Delivery{Sequence: 3, Failures: 2}
	a, b := &store.Workspace{Name: "a", Seed: 1}, &store.Workspace{Name: "b", Seed: 1}
	if jitter(a, d, time.Hour) != jitter(a, d, time.Hour) {
		t.Error("the same chance gives two waits")
	}
	if jitter(a, d, time.Hour) == jitter(b, d, time.Hour) {
		t.Error("two workspaces have the same chance")
	}
	for n := range uint64(1000) {
		wait := jitter(a, &Delivery{Sequence: n}, time.Hour)
		if wait < 54*time.Minute || wait > 66*time.Minute {
			t.Fatalf("a wait of %s is not within a tenth of an hour", wait)
		}
	}
}

func TestGoneEndsTheEndpoint(t *testing.T) {
	w := newWorld(t, options{})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 410, Times: 1}) })
	retrying := w.record(Delivery{Target: inboxURL("in")})[0]
	w.reaches(retrying, Gone)
	later := w.record(Delivery{Target: inboxURL("in")}, Delivery{Target: inboxURL("other")})
	if d := w.reaches(later[0], Gone); d.Attempts != 0 {
		t.Errorf("a gone endpoint was tried again: %+v", d)
	}
	w.reaches(later[1], Delivered)
	w.update(func(tx *store.Tx) error { return Replay(tx, retrying) })
	w.reaches(retrying, Delivered)
	revived := w.record(Delivery{Target: inboxURL("in")})[0]
	w.reaches(revived, Delivered)
}

func TestGoneMayEndTheDeliveryAlone(t *testing.T) {
	w := newWorld(t, options{channel: Channel{Gone: GoneEndsDelivery}})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 410, Times: 1}) })
	n := w.record(Delivery{Target: inboxURL("in")})[0]
	w.reaches(n, Gone)
	w.reaches(w.record(Delivery{Target: inboxURL("in")})[0], Delivered)
}

func TestGoneMayBeAFailureLikeAnyOther(t *testing.T) {
	w := newWorld(t, options{channel: Channel{Gone: GoneIsFailure}})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 410, Times: 1}) })
	n := w.record(Delivery{Target: inboxURL("in")})[0]
	w.made(n, 1)
	if d := w.reaches(n, Pending); d.Failures != 1 {
		t.Errorf("after a 410: %+v", d)
	}
	w.advance(10 * time.Second)
	w.reaches(n, Delivered)
}

func TestNames(t *testing.T) {
	var asked atomic.Int32
	resolver := nameServer(t, func(name string) (net.IP, bool) {
		switch name {
		case "moves.test":
			if asked.Add(1) <= 2 { // one look-up asks for A and AAAA
				return net.IPv4(127, 0, 0, 1), false
			}
			return net.IPv4(169, 254, 169, 254), false
		case "metadata.test":
			return net.IPv4(100, 100, 100, 200), false
		case "silent.test":
			return nil, true
		}
		return nil, false
	})
	_, port, _ := net.SplitHostPort(listen(t, status(500)))
	w := newWorld(t, options{resolver: resolver})
	class := func(a Attempt) Class { return a.Failure.Class }
	moves := w.record(Delivery{Target: "http://moves.test:" + port})[0]
	if got := class(w.made(moves, 1)[0]); got != ClassStatus {
		t.Errorf("at first: %s", got)
	}
	w.advance(10 * time.Second)
	if got := class(w.made(moves, 2)[1]); got != ClassBlocked {
		t.Errorf("when the name has moved to a link-local address: %s", got)
	}
	for name, want := range map[string]Class{"metadata.test": ClassBlocked, "nowhere.test": ClassDNS} {
		n := w.record(Delivery{Target: "http://" + name + ":" + port})[0]
		if got := class(w.made(n, 1)[0]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	silent := w.record(Delivery{Target: "http://silent.test:" + port})[0]
	if got := class(w.made(silent, 1)[0]); got != ClassDNS && got != ClassTimeout {
		t.Errorf("silent.test: %s", got)
	}
	local := w.record(Delivery{Target: "http://app.localhost:" + port})[0]
	if got := class(w.made(local, 1)[0]); got != ClassStatus {
		t.Errorf("app.localhost: %s", got)
	}
}

func TestGuard(t *testing.T) {
	for address, allowed := range map[string]bool{
		"127.0.0.1:80":               true,
		"[::1]:80":                   true,
		"10.1.2.3:80":                true,
		"192.168.0.9:80":             true,
		"[fd12::1]:80":               true,
		"93.184.216.34:443":          true,
		"169.254.169.254:80":         false,
		"169.254.0.1:80":             false,
		"[::ffff:169.254.169.254]:1": false,
		"[64:ff9b::a9fe:a9fe]:80":    false,
		"[fe80::1%eth0]:80":          false,
		"[fd00:ec2::254]:80":         false,
		"100.100.100.200:80":         false,
		"224.0.0.1:80":               false,
		"255.255.255.255:80":         false,
		"0.0.0.0:80":                 false,
		"[::]:80":                    false,
		"not an address":             false,
	} {
		if err := guard(address); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNewestKeySignsEachAttempt(t *testing.T) {
	w := newWorld(t, options{})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 500, Times: 1}) })
	n := w.record(Delivery{Target: inboxURL("in")})[0]
	w.made(n, 1)
	w.mu.Lock()
	w.key = "key-2"
	w.mu.Unlock()
	w.advance(time.Minute)
	got := w.got("in")
	if len(got) != 2 {
		t.Fatalf("got %d messages", len(got))
	}
	for i, want := range []string{"key-1:", "key-2:"} {
		if !strings.HasPrefix(got[i].Header.Get("X-Signature"), want) || !got[i].Verdict.Valid || got[i].Verdict.Channel != "hook" {
			t.Errorf("message %d: %+v", i+1, got[i])
		}
	}
	if made := w.made(n, 2)[1]; made.Request.Get("X-Signature") == "" || made.Request.Get("Authorization") != "***" {
		t.Errorf("kept of the request: %v", made.Request)
	}
}

func TestCallingBackFromTheHandler(t *testing.T) {
	var w *world
	target := listen(t, func(ctx context.Context, c net.Conn) {
		if readRequest(c) {
			w.record(Delivery{Target: inboxURL("back")})
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		}
	})
	w = newWorld(t, options{channel: Channel{Timeout: 5 * time.Second}})
	w.reaches(w.record(Delivery{Target: "http://" + target})[0], Delivered)
	w.reaches(2, Delivered)
}

func TestAfterAResetOutcomesAreDropped(t *testing.T) {
	arrived, gate := make(chan struct{}), make(chan struct{})
	target := listen(t, func(_ context.Context, c net.Conn) {
		if readRequest(c) {
			close(arrived)
			<-gate
			_, _ = c.Write([]byte("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"))
		}
	})
	w := newWorld(t, options{channel: Channel{Timeout: 5 * time.Second}})
	w.record(Delivery{Target: "http://" + target})
	<-arrived
	w.update(func(tx *store.Tx) error { tx.Reset(); return nil })
	n := w.record(Delivery{Target: inboxURL("in")})[0]
	close(gate)
	if d := w.reaches(n, Delivered); n != 1 || d.Attempts != 1 || d.Failures != 0 {
		t.Errorf("the new world's delivery: %+v", d)
	}
}

func TestFailingChannel(t *testing.T) {
	for name, prepare := range map[string]func(*store.Tx, *Delivery, Spoil) (func() (http.Header, error), error){
		"refuses": func(*store.Tx, *Delivery, Spoil) (func() (http.Header, error), error) { return nil, context.Canceled },
		"panics":  func(*store.Tx, *Delivery, Spoil) (func() (http.Header, error), error) { panic("oh") },
		"signs and panics": func(*store.Tx, *Delivery, Spoil) (func() (http.Header, error), error) {
			return func() (http.Header, error) { panic("oh") }, nil
		},
	} {
		w := newWorld(t, options{channel: Channel{Prepare: prepare}})
		n := w.record(Delivery{Target: inboxURL("in")})[0]
		if f := w.made(n, 1)[0].Failure; f == nil || f.Class != ClassInternal {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestAnInboxGivesTheReceiptThatTheChannelWaitsFor(t *testing.T) {
	w := newWorld(t, options{channel: Channel{Receipt: "TSOK", Accepted: func(status int, body []byte) bool { return string(body) == "TSOK" }}})
	w.update(func(tx *store.Tx) error { return SetAnswer(tx, "in", Answer{Status: 202, Times: 1}) })
	n := w.record(Delivery{Target: inboxURL("in")})[0]
	if made := w.made(n, 1); made[0].Failure == nil {
		t.Error("an answer that was ordered is a receipt")
	}
	w.advance(time.Minute)
	w.reaches(n, Delivered)
}
