package webhook

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listen serves raw connections until the test ends; each is closed when serve returns or the test ends.
func listen(t *testing.T, serve func(ctx context.Context, c net.Conn)) (hostport string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, serve)
}

func serveOn(t *testing.T, l net.Listener, serve func(ctx context.Context, c net.Conn)) string {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				defer context.AfterFunc(ctx, func() { _ = c.Close() })()
				serve(ctx, c)
			}()
		}
	}()
	return l.Addr().String()
}

// answers reads a request and writes a text; what is in braces is repeated until the sender has enough.
func answersWith(head, endless string, pause time.Duration) func(context.Context, net.Conn) {
	return func(ctx context.Context, c net.Conn) {
		if !readRequest(c) {
			return
		}
		if _, err := io.WriteString(c, head); err != nil || endless == "" {
			return
		}
		tick := time.NewTicker(max(pause, 1))
		defer tick.Stop()
		for ctx.Err() == nil {
			if _, err := io.WriteString(c, endless); err != nil {
				return
			}
			if pause > 0 {
				<-tick.C
			}
		}
	}
}

func readRequest(c net.Conn) bool {
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err == nil
}

func status(code int, headers ...string) func(context.Context, net.Conn) {
	return answersWith(fmt.Sprintf("HTTP/1.1 %d X\r\n%sContent-Length: 2\r\nConnection: close\r\n\r\nok", code, lines(headers)), "", 0)
}

func lines(headers []string) string {
	var b strings.Builder
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	return b.String()
}

// hangs reads for ever and answers nothing.
func hangs(_ context.Context, c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// plain answers whatever comes first as a web server without TLS does.
func plain(_ context.Context, c net.Conn) {
	if _, err := c.Read(make([]byte, 4096)); err == nil {
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
	}
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func resets(_ context.Context, c net.Conn) {
	if readRequest(c) {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
}

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, key: newKey(t)}
	a.cert = a.sign(&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}, nil, a.key)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(template, parent *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

func (a *authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// serve answers 200 over TLS with a certificate that the change made wrong.
func (a *authority) serve(change func(*x509.Certificate, *tls.Config)) (hostport string) {
	key := newKey(a.t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "receiver"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	cfg := &tls.Config{MinVersion: tls.VersionTLS10} //nolint:gosec // a bad receiver
	change(template, cfg)
	cert := a.sign(template, a.cert, key)
	cfg.Certificates = []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		a.t.Fatal(err)
	}
	return serveOn(a.t, l, status(200))
}

// nameServer is a DNS server that gives each name's addresses in turn, and none for a name that it has not.
func nameServer(t *testing.T, answers func(name string) (ip net.IP, silent bool)) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply := dnsReply(buf[:n], answers); reply != nil {
				_, _ = pc.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}
