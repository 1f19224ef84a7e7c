package provider

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// Certificates is how a provider judges the certificates that its clients show on their connections. Which ones it
// trusts is said by its clients, each with CAs of its own; one whose certificates do not count has none.
//
// A certificate is judged twice. CheckHandshake knows no client yet and ends the handshake where a rule is broken
// or no client's CA signed; CheckPeer judges by the client that calls, at each request, so that what a workspace
// changes of it counts at once.
type Certificates struct {
	// Check tells which rule a chain breaks that ends at one of the trusted certificates; the caller's own
	// is its first. A chain without any breaks one too. The error is a sentence for whoever made the certificate.
	Check func(chain, trusted []*x509.Certificate, wall time.Time) error
	// Advise tells what is against the provider's advice, and does no harm.
	Advise func(chain, trusted []*x509.Certificate) []string
	// AtHandshake tells by the workspace's settings whether a bad one ends the handshake. Else the request that comes on
	// the connection is refused.
	AtHandshake func(settings map[string]any) bool
}

// CheckHandshake judges a chain before any request is read, by what all clients of the workspace trust together. Its error
// is that of Certificates.Check; nil also where nobody's certificates count, and where they are judged later. The advice
// is for the log.
func (r *Runtime) CheckHandshake(tx *store.Tx, chain []*x509.Certificate) (advice []string, err error) {
	if r.Certificates == nil {
		return nil, nil
	}
	trusted, counts, err := r.trusted(tx)
	if err != nil || !counts {
		return nil, err
	}
	if r.Certificates.AtHandshake(r.settings(tx.Workspace())) {
		if err := r.Certificates.Check(chain, trusted, tx.Wall()); err != nil {
			return nil, err
		}
	}
	return r.Certificates.Advise(chain, trusted), nil
}

// trusted are the CAs of all clients together. counts is false where no client's certificates do.
func (r *Runtime) trusted(tx *store.Tx) (all []*x509.Certificate, counts bool, err error) {
	clients, err := r.Clients(tx)
	for _, client := range clients {
		if client.WantsCertificate() {
			counts = true
			all = append(all, trustedBy(client)...)
		}
	}
	return all, counts, err
}

// trustedBy are the CAs of a client. They were read when it was registered.
func trustedBy(client *oauth.Client) []*x509.Certificate {
	var certs []*x509.Certificate
	for block, rest := pem.Decode([]byte(client.CAPEM)); block != nil; block, rest = pem.Decode(rest) {
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			certs = append(certs, cert)
		}
	}
	return certs
}

// CheckPeer judges the certificate of the connection by what the client wants, as a problem.Unauthenticated that says
// which rule is broken: none is judged where its certificates are off, and none need be there where they are optional.
func (c *Call) CheckPeer(client *oauth.Client) error {
	judge := c.runtime.Certificates
	if judge == nil || !client.WantsCertificate() || (len(c.Peer) == 0 && client.MTLS != oauth.MTLSRequired) {
		return nil
	}
	if err := judge.Check(c.Peer, trustedBy(client), c.Wall()); err != nil {
		return &problem.Error{Kind: problem.Unauthenticated, Message: err.Error(), Err: err}
	}
	return nil
}

// Thumbprint names the certificate of the connection as tokens do that are bound to one (RFC 8705 section 3.1); empty
// where there is none.
func (c *Call) Thumbprint() string {
	if len(c.Peer) == 0 {
		return ""
	}
	digest := sha256.Sum256(c.Peer[0].Raw)
	return base64.RawURLEncoding.EncodeToString(digest[:])
}
