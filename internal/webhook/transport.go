package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	maxAnswer   = 64 << 10 // bytes of an answer's body that are read, and of its headers
	maxExcerpt  = 1 << 10
	maxIdle     = 64
	idleTimeout = 10 * time.Second
)

// result is what came of an exchange: an answer, or an error.
type result struct {
	status int
	header http.Header
	body   []byte // the first 64 kB
	err    error
}

// newTransport makes a transport that knows no proxy, no redirect, no cookie, no compression and no HTTP/2, and
// judges every address at the moment when it connects.
func newTransport(cfg Config, anyCertificate bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            dialer(cfg.Resolver),
		TLSClientConfig:        &tls.Config{RootCAs: cfg.Roots, InsecureSkipVerify: anyCertificate}, //nolint:gosec // where the user says so
		Protocols:              protocols,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxAnswer,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        idleTimeout,
	}
}

// dialer connects to names under localhost without asking anybody (RFC 6761 section 6.3), and refuses addresses
// that no receiver has.
func dialer(resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Resolver: resolver, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return guard(address)
	}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err == nil && strings.HasSuffix(strings.TrimSuffix(strings.ToLower(host), "."), ".localhost") {
			address = net.JoinHostPort("localhost", port)
		}
		return d.DialContext(ctx, network, address)
	}
}

// blockedError is an address to which nothing is sent.
type blockedError struct {
	address netip.Addr
	what    string
}

func (e *blockedError) Error() string {
	return fmt.Sprintf("%s is %s, to which mockbank sends nothing", e.address, e.what)
}

// metadata are the addresses at which clouds tell a machine its secrets, as far as they are not link-local.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"), netip.MustParseAddr("168.63.129.16")}

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// guard judges the address that a connection is about to be made to. Loopback and private networks are where
// the receivers of a local tool are.
func guard(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	addr := to.Addr().Unmap().WithZone("")
	if nat64.Contains(addr) {
		whole := addr.As16()
		addr = netip.AddrFrom4([4]byte(whole[12:]))
	}
	switch {
	case slices.Contains(metadata, addr):
		return &blockedError{addr, "a cloud's metadata address"}
	case addr.IsLinkLocalUnicast():
		return &blockedError{addr, "a link-local address"}
	case addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return &blockedError{addr, "a multicast or broadcast address"}
	case addr.IsUnspecified():
		return &blockedError{addr, "no address of a receiver"}
	}
	return nil
}

// exchange sends one request and reads the answer, as much of it as is wanted.
func exchange(ctx context.Context, transport *http.Transport, target string, header http.Header, body []byte) result {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return result{err: &Failure{ClassURL, "The webhook URL can not be read"}}
	}
	req.Header = header.Clone()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return result{err: err}
	}
	defer resp.Body.Close()
	res := result{status: resp.StatusCode, header: resp.Header}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return res // what follows is no body
	}
	res.body, res.err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return res
}

// clean makes a text fit to be kept and shown.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

func excerpt(body []byte) string { return clean(string(body[:min(len(body), maxExcerpt)])) }

const (
	maxHeaders = 64   // that are kept of a message
	maxValue   = 4096 // bytes of a header's value that are kept
)

// alwaysSecret are headers whose values nobody needs to see to understand an exchange.
var alwaysSecret = []string{"Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization"}

// cleanHeader makes headers fit to be kept, with the values of secret ones masked.
func cleanHeader(h http.Header, secret []string) http.Header {
	if len(h) == 0 {
		return nil
	}
	hidden := func(name string) bool {
		same := func(s string) bool { return strings.EqualFold(s, name) }
		return slices.ContainsFunc(secret, same) || slices.ContainsFunc(alwaysSecret, same)
	}
	kept := http.Header{}
	for name, values := range h {
		if len(kept) == maxHeaders {
			break
		}
		for _, value := range values[:min(len(values), maxHeaders)] {
			if hidden(name) {
				value = "***"
			}
			kept.Add(clean(name), clean(value[:min(len(value), maxValue)]))
		}
	}
	return kept
}
