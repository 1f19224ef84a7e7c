package pki_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/pki"
)

// conn is a connection that arrived at an address.
type conn struct {
	net.Conn
	local string
}

func (c conn) LocalAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.local))
}
func (c conn) RemoteAddr() net.Addr { return c.LocalAddr() }

func hello(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{ServerName: name, Conn: conn{local: "127.0.0.1:6266"}}
}

// TestNames: each has a certificate of its own, and an unknown one gets that of localhost and a line in the log.
func TestNames(t *testing.T) {
	var log bytes.Buffer
	a := authority(t)
	s := &pki.Servers{Authority: a, Names: []string{"onelink.pay1.de"}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	for asked, passes := range map[string]string{
		"onelink.pay1.de":                       "onelink.pay1.de",
		"OneLink.PAY1.de":                       "onelink.pay1.de",
		"localhost":                             "127.0.0.1",
		"":                                      "::1",
		"finqlink.localhost":                    "finqlink.localhost",
		"test-1.payone.localhost":               "test-1.payone.localhost",
		"evil.example":                          "localhost",
		"a b.localhost":                         "localhost",
		"..localhost":                           "localhost",
		".localhost":                            "localhost",
		strings.Repeat("x.", 130) + "localhost": "localhost",
	} {
		got, err := s.Certificate(hello(asked))
		if err != nil {
			t.Errorf("%q: %v", asked, err)
			continue
		}
		roots := x509.NewCertPool()
		roots.AddCert(a.Certificate)
		if _, err := got.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: passes, CurrentTime: today}); err != nil {
			t.Errorf("%q: %v", asked, err)
		}
	}
	if !strings.Contains(log.String(), "host=evil.example") || !strings.Contains(log.String(), "--host NAME adds one") || strings.Contains(log.String(), "host=localhost") {
		t.Errorf("the log says %s", log.String())
	}
}

// TestAddresses: who dials an address gets a certificate for it.
func TestAddresses(t *testing.T) {
	s := &pki.Servers{Authority: authority(t)}
	for local, want := range map[string]string{"10.1.2.3:443": "10.1.2.3", "[fe80::1%eth0]:443": "fe80::1", "[::ffff:10.1.2.3]:443": "10.1.2.3", "127.0.0.1:443": "127.0.0.1"} {
		got, err := s.Certificate(&tls.ClientHelloInfo{Conn: conn{local: local}})
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Leaf.VerifyHostname(want); err != nil {
			t.Errorf("%s: %v", local, err)
		}
	}
}

// TestRenewal: a certificate is kept while it is good for long enough, and made anew then.
func TestRenewal(t *testing.T) {
	now := today
	a, err := pki.Make(func() time.Time { return now }, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &pki.Servers{Authority: a}
	serial := func() string {
		got, err := s.Certificate(hello("localhost"))
		if err != nil {
			t.Fatal(err)
		}
		if left := got.Leaf.NotAfter.Sub(now); left < 30*24*time.Hour || got.Leaf.NotBefore.After(now.Add(-time.Hour)) {
			t.Fatalf("at %s it is valid from %s to %s", now, got.Leaf.NotBefore, got.Leaf.NotAfter)
		}
		return got.Leaf.SerialNumber.String()
	}
	first := serial()
	if now = today.Add(59 * 24 * time.Hour); serial() != first {
		t.Error("it was made anew too soon")
	}
	if now = today.Add(61 * 24 * time.Hour); serial() == first {
		t.Error("it was not made anew")
	}
}

// TestManyNames: names without number take bounded memory, and many may ask at once.
func TestManyNames(t *testing.T) {
	s := &pki.Servers{Authority: authority(t)}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 400 {
				if _, err := s.Certificate(hello(fmt.Sprintf("w%d-%d.localhost", worker, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := s.Made(); n > 1000 {
		t.Errorf("%d certificates are at hand", n)
	}
}
