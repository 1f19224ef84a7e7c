package mockbanktest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/mockbank/mockbank/internal/app"
)

// listen opens a free port for HTTP and one for HTTPS.
func listen(ctx context.Context) (plain, secure app.Listener, err error) {
	var config net.ListenConfig
	if plain.Listener, err = config.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return plain, secure, err
	}
	secure.TLS = true
	if secure.Listener, err = config.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return plain, secure, errors.Join(err, plain.Close())
	}
	return plain, secure, nil
}

// SecureOrigin is where the server speaks HTTPS, such as https://127.0.0.1:41235. Whoever calls there has to trust
// CertPool.
func (s *Server) SecureOrigin() string { return "https://" + s.secure }

// CertPool holds the CA of the server's certificates, which is its own.
func (s *Server) CertPool() *x509.CertPool { return s.roots.Clone() }

// Client is for applications that call a provider by its real address, such as https://sandbox-pay.finqware.com: every
// address leads it to this server, whose certificates it trusts, and nothing leaves the machine. It speaks HTTPS only.
// Each call makes a new one.
func (s *Server) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: s.CertPool(), MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", s.secure)
		},
	}}
}
