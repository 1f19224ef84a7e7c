package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Relay is a mail server that takes letters for others (RFC 5321).
type Relay struct {
	host, address  string
	security       string // one of the schemes
	user, password string
}

// The schemes say how a relay is spoken to.
const (
	plainScheme    = "smtp"
	startTLSScheme = "smtp+starttls"
	tlsScheme      = "smtps"
)

var ports = map[string]string{plainScheme: "25", startTLSScheme: "587", tlsScheme: "465"}

// ParseRelay reads an address such as smtp://127.0.0.1:1025, smtp+starttls://user@host:587 or smtps://user@host:465.
// The password of its user stands apart, so that it is in no list of processes. Its errors are sentences.
func ParseRelay(address, password string) (*Relay, error) {
	u, err := url.Parse(address)
	if err != nil || ports[u.Scheme] == "" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" {
		return nil, fmt.Errorf("%q is no mail server: write smtp://HOST:PORT, smtp+starttls://USER@HOST:PORT or smtps://USER@HOST:PORT", address)
	}
	if _, typed := u.User.Password(); typed {
		return nil, errors.New("the address of the mail server holds a password: every user of this machine could read it, so give it apart")
	}
	r := &Relay{host: u.Hostname(), security: u.Scheme, user: u.User.Username(), password: password}
	port := u.Port()
	if port == "" {
		port = ports[u.Scheme]
	}
	r.address = net.JoinHostPort(r.host, port)
	if r.user != "" && r.security == plainScheme && !loopback(r.host) {
		return nil, fmt.Errorf("the password for %s would cross the network readable: use smtp+starttls:// or smtps://", r.host)
	}
	return r, nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// RefusedError is a relay's answer that it does not take a letter.
type RefusedError struct {
	Code    int // RFC 5321 section 4.2.3
	Message string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%d %s", e.Code, e.Message) }

// Send hands a letter's bytes to the relay, for these addresses. What the relay refuses is a *RefusedError; the other
// errors are those of the network and of ctx.
func (r *Relay) Send(ctx context.Context, from string, to []string, letter []byte) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // Which ends whatever waits for it.
	err = r.converse(conn, from, to, letter)
	_ = conn.Close()
	var refused *smtp.SMTPError
	switch {
	case errors.As(err, &refused):
		return &RefusedError{refused.Code, refused.Message}
	case ctx.Err() != nil && err != nil:
		return ctx.Err()
	}
	return err
}

func (r *Relay) converse(conn net.Conn, from string, to []string, letter []byte) error {
	client, err := r.greet(conn)
	if err != nil {
		return err
	}
	if r.user != "" {
		if err := client.Auth(sasl.NewPlainClient("", r.user, r.password)); err != nil {
			return err
		}
	}
	if err := client.SendMail(from, to, bytes.NewReader(letter)); err != nil {
		return err
	}
	_ = client.Quit() // It has the letter.
	return nil
}

func (r *Relay) greet(conn net.Conn) (*smtp.Client, error) {
	secure := &tls.Config{ServerName: r.host, MinVersion: tls.VersionTLS12}
	switch r.security {
	case startTLSScheme:
		return smtp.NewClientStartTLS(conn, secure)
	case tlsScheme:
		return smtp.NewClient(tls.Client(conn, secure)), nil
	}
	return smtp.NewClient(conn), nil
}
