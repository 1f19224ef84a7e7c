// Package rules judges the certificates that clients show, by the rules that a provider's document sets. It is pure:
// chain, trusted certificates and time are handed in, and the answer is nil or a *Broken.
//
// Check looks at the leaf alone (leaf.go), then walks from it to a trusted certificate and judges each issuer on the
// way (path.go). The rules of the document: RSA or ECDSA keys, nothing expired; a leaf that is no CA, not self-signed,
// that may do client authentication and may sign neither code, time stamps nor OCSP answers; issuers that are CAs and may
// sign certificates.
//
// crypto/x509 lets eight kinds of leaf pass that these rules forbid, among them a self-signed one that is trusted and
// one without any ExtendedKeyUsage. Hence a checker of its own. Neither revocation nor name constraints are looked at.
//
// Invariant: what passes ends at a trusted certificate by signatures that were verified, and work is bounded whatever
// chain is sent.
package rules

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// Roles of a certificate in its chain.
const (
	Leaf         = "leaf"
	Intermediate = "intermediate"
	Root         = "root"
)

// Broken says which rule a chain breaks, and where.
type Broken struct {
	Rule    string // its name, such as "ExtendedKeyUsage"
	Role    string // of the certificate: Leaf, Intermediate or Root; empty where none was sent
	Subject string // of that certificate
	Serial  string // of that certificate, in hex
	Reason  string // what is wrong
	Remedy  string // what to change
}

func (b *Broken) Error() string {
	if b.Role == "" {
		return fmt.Sprintf("client certificate: %s; %s", b.Reason, b.Remedy)
	}
	return fmt.Sprintf("client certificate: %s: the %s %q (serial %s) %s; %s", b.Rule, b.Role, b.Subject, b.Serial, b.Reason, b.Remedy)
}

// Bounds of what is looked at. A chain beyond them is refused before its signatures are verified.
const (
	maxChain = 10
	maxBytes = 64 << 10 // of all certificates together
	maxNames = 100      // of one certificate
)

// Check judges a chain, the client's own certificate first and its issuers in any order. Its error is a *Broken.
func Check(chain, trusted []*x509.Certificate, now time.Time) error {
	if len(chain) == 0 {
		return &Broken{Rule: "certificate", Reason: "none was sent", Remedy: "send the client certificate in the TLS handshake"}
	}
	if broken := bounded(chain); broken != nil {
		return broken
	}
	if broken := leaf(chain[0], now); broken != nil {
		return broken
	}
	if broken := newPath(chain, trusted, now).walk(chain[0], nil); broken != nil {
		return broken
	}
	return nil
}

func bounded(chain []*x509.Certificate) *Broken {
	size := 0
	for _, cert := range chain {
		size += len(cert.Raw)
	}
	first := chain[0]
	switch {
	case len(chain) > maxChain:
		return broken(first, Leaf, "chain length", fmt.Sprintf("comes with a chain of %d certificates", len(chain)), fmt.Sprintf("send at most %d", maxChain))
	case size > maxBytes:
		return broken(first, Leaf, "chain size", fmt.Sprintf("comes with a chain of %d bytes", size), fmt.Sprintf("send at most %d", maxBytes))
	}
	for i, cert := range chain {
		if n := len(cert.DNSNames) + len(cert.EmailAddresses) + len(cert.IPAddresses) + len(cert.URIs); n > maxNames {
			return broken(cert, roleAt(i), "SubjectAltName", fmt.Sprintf("has %d names", n), fmt.Sprintf("issue it with at most %d", maxNames))
		}
	}
	return nil
}

func roleAt(i int) string {
	if i == 0 {
		return Leaf
	}
	return Intermediate
}

func broken(cert *x509.Certificate, role, rule, reason, remedy string) *Broken {
	return &Broken{Rule: rule, Role: role, Subject: name(cert.Subject.String()), Serial: serial(cert), Reason: reason, Remedy: remedy}
}

// Serial is a certificate's serial number as errors write it.
func serial(cert *x509.Certificate) string {
	if cert.SerialNumber == nil {
		return "none"
	}
	return short(cert.SerialNumber.Text(16), 40)
}

const longestName = 120

// name makes a stranger's name fit for a line of the log.
func name(text string) string {
	if text == "" {
		return "no name"
	}
	return short(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' {
			return '?'
		}
		return r
	}, text), longestName)
}

func short(text string, most int) string {
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
