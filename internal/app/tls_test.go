package app_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/app"
	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/pki"
)

// secured serves over TLS, and gives its address with what a client needs to trust it.
func secured(t *testing.T, change func(*app.Config)) (address string, trust *tls.Config) {
	t.Helper()
	cfg := toyConfig(t)
	var err error
	if cfg.Authority, err = pki.Make(clock.System, rand.Reader); err != nil {
		t.Fatal(err)
	}
	change(&cfg)
	house, err := app.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx, app.Listener{Listener: l, TLS: true}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AddCert(cfg.Authority.Certificate)
	return l.Addr().String(), &tls.Config{RootCAs: roots}
}

// askOver makes one request over a connection of its own.
func askOver(t *testing.T, address string, trust *tls.Config, http2 bool) (*http.Response, error) {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: trust.Clone(), ForceAttemptHTTP2: http2, DisableKeepAlives: true}}
	reply, err := client.Get("https://" + address + "/_mockbank/v1/health")
	if err == nil {
		_, err = io.Copy(io.Discard, reply.Body)
		_ = reply.Body.Close() // It was read to its end.
	}
	return reply, err
}

func TestHTTPSInBothVersions(t *testing.T) {
	address, trust := secured(t, func(*app.Config) {})
	for _, http2 := range []bool{false, true} {
		reply, err := askOver(t, address, trust, http2)
		if err != nil || reply.StatusCode != http.StatusOK || (reply.ProtoMajor == 2) != http2 {
			t.Errorf("HTTP/2 %t: %v %v", http2, reply, err)
		}
	}
}

// TestEveryConnectionIsJudged: with a certificate and without, in both versions of TLS, and also when the client would
// rather resume. A refusal ends the connection, and no other one.
func TestEveryConnectionIsJudged(t *testing.T) {
	var judged, shown atomic.Int64
	var closed atomic.Bool
	address, trust := secured(t, func(cfg *app.Config) {
		cfg.VerifyConnection = func(state tls.ConnectionState) error {
			judged.Add(1)
			shown.Add(int64(len(state.PeerCertificates)))
			if closed.Load() {
				return errors.New("not today")
			}
			return nil
		}
	})
	other, err := pki.Make(clock.System, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	client, err := other.Issue(pki.Order{Names: []string{"somebody"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	trust.ClientSessionCache = tls.NewLRUClientSessionCache(9)
	for i, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		trust.MinVersion, trust.MaxVersion = version, version
		for range 3 {
			if reply, err := askOver(t, address, trust, false); err != nil || reply.TLS.DidResume {
				t.Errorf("%s: %v", tls.VersionName(version), err)
			}
		}
		showing := trust.Clone()
		showing.Certificates = []tls.Certificate{client.TLS()}
		if _, err := askOver(t, address, showing, false); err != nil {
			t.Error(err)
		}
		if judged.Load() != int64(4*(i+1)) || shown.Load() != int64(i+1) {
			t.Errorf("%s: %d were judged, of which %d showed a certificate", tls.VersionName(version), judged.Load(), shown.Load())
		}
	}
	closed.Store(true)
	if _, err := askOver(t, address, trust, false); err == nil {
		t.Error("a refused connection was served")
	}
	closed.Store(false)
	if _, err := askOver(t, address, trust, false); err != nil {
		t.Error(err)
	}
}

// TestOldTLSIsRefused, as everywhere today.
func TestOldTLSIsRefused(t *testing.T) {
	address, trust := secured(t, func(*app.Config) {})
	trust.MinVersion, trust.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := askOver(t, address, trust, false); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("TLS 1.1: %v", err)
	}
}

// TestHandshakesThatDoNotEnd are cut off, and delay nobody.
func TestHandshakesThatDoNotEnd(t *testing.T) {
	address, trust := secured(t, func(cfg *app.Config) { cfg.Bounds.Header = 300 * time.Millisecond })
	var slow []net.Conn
	for i := range 300 {
		slow = append(slow, dial(t, address, "\x16\x03\x01\x02\x00\x01"[:i%7]))
	}
	if _, err := askOver(t, address, trust, true); err != nil {
		t.Error(err)
	}
	for _, c := range slow {
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("a handshake that does not end goes on: %v", err)
		}
	}
}

// TestA13PlainHTTPWhereTLSIsDue is told so.
func TestA13PlainHTTPWhereTLSIsDue(t *testing.T) {
	address, _ := secured(t, func(*app.Config) {})
	answer, err := io.ReadAll(dial(t, address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.0 400 ") || !strings.Contains(string(answer), "Client sent an HTTP request to an HTTPS server.") {
		t.Errorf("%v: %s", err, answer)
	}
}

// TestA8TLSWherePlainHTTPIsDue, and other junk, is answered with 400 or hung up on.
func TestA8TLSWherePlainHTTPIsDue(t *testing.T) {
	address := bounded(t, app.Bounds{Header: time.Second})
	if _, err := tls.Dial("tcp", address, &tls.Config{MinVersion: tls.VersionTLS12}); err == nil {
		t.Error("the plain port speaks TLS")
	}
	for _, junk := range []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00\x01\x02\xff\r\n\r\n", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"} {
		answer, err := io.ReadAll(dial(t, address, junk))
		if text := string(answer); err != nil && !errors.Is(err, net.ErrClosed) || text != "" && !strings.HasPrefix(text, "HTTP/1.1 400") && !strings.HasPrefix(text, "HTTP/1.1 505") {
			t.Errorf("%q: %v: %s", junk, err, answer)
		}
	}
	answered(t, address)
}

func TestNoAuthority(t *testing.T) {
	house, err := app.New(toyConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := house.Check(app.Listener{TLS: true}); err == nil {
		t.Error("TLS without an authority is well")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := house.Run(ctx); err != nil {
		t.Error(err)
	}
}
