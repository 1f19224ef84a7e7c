package rules

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// path is the search for a way from the leaf to a trusted certificate.
type path struct {
	sent, trusted []*x509.Certificate
	now           time.Time
	steps         int // that are left
}

// maxSteps bounds the search where many certificates bear one name.
const maxSteps = 50

func newPath(chain, trusted []*x509.Certificate, now time.Time) *path {
	return &path{sent: chain[1:], trusted: trusted, now: now, steps: maxSteps}
}

// walk finds a way on from a certificate. below are the CAs that were passed. Where every way is barred, the answer is
// what bars the first.
func (p *path) walk(cert *x509.Certificate, below []*x509.Certificate) *Broken {
	if len(below) > 0 && selfSigned(cert) {
		return p.end(cert, below)
	}
	issuers, barred := p.issuers(cert, below)
	if len(below) > 0 && p.isTrusted(cert) && !slices.ContainsFunc(issuers, p.isTrusted) {
		return nil // No other trusted one stands above it.
	}
	for _, issuer := range issuers {
		b := p.step(issuer, below)
		if b == nil {
			return nil
		}
		if barred == nil {
			barred = b
		}
	}
	if barred == nil {
		barred = p.deadEnd(cert, below)
	}
	return barred
}

// end is the top of a chain.
func (p *path) end(cert *x509.Certificate, below []*x509.Certificate) *Broken {
	if p.isTrusted(cert) {
		return nil
	}
	return broken(cert, p.role(cert, below), "unknown CA", "is a root that is not registered; "+p.registered(), "register it as ca_pem of the client, or use a certificate of a registered CA")
}

// step judges an issuer, and goes on from there.
func (p *path) step(issuer *x509.Certificate, below []*x509.Certificate) *Broken {
	if b := p.authority(issuer, len(below)); b != nil {
		return b
	}
	return p.walk(issuer, append(slices.Clip(below), issuer))
}

// issuers are those who signed a certificate and stand not below it, trusted ones first. Where those who bear the name
// did not sign it, barred says so.
func (p *path) issuers(cert *x509.Certificate, below []*x509.Certificate) (signers []*x509.Certificate, barred *Broken) {
	for _, issuer := range slices.Concat(p.trusted, p.sent) {
		if !bytes.Equal(issuer.RawSubject, cert.RawIssuer) || contains(below, issuer) || contains(signers, issuer) {
			continue
		}
		if p.steps--; p.steps < 0 {
			break
		}
		b := p.signature(cert, issuer, below)
		if b == nil {
			signers = append(signers, issuer)
		} else if barred == nil {
			barred = b
		}
	}
	if len(signers) > 0 {
		barred = nil
	}
	return signers, barred
}

func (p *path) signature(cert, issuer *x509.Certificate, below []*x509.Certificate) *Broken {
	err, role := signedBy(cert, issuer), p.role(cert, below)
	var weak x509.InsecureAlgorithmError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &weak):
		return broken(cert, role, "signature algorithm", "is signed by "+cert.SignatureAlgorithm.String(), "sign it with SHA-256 or better")
	}
	return broken(cert, role, "signature", fmt.Sprintf("names %q as its issuer, and is not signed with that one's key", name(issuer.Subject.String())),
		"send the certificate of the CA that signed it")
}

// authority judges an issuer that has so many CAs below it.
func (p *path) authority(cert *x509.Certificate, below int) *Broken {
	role := p.role(cert, []*x509.Certificate{cert})
	switch {
	case !cert.BasicConstraintsValid || !cert.IsCA:
		return broken(cert, role, "BasicConstraints", "issued a certificate and does not say CA=true", "issue it anew with CA=true, or sign with another CA")
	case cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return broken(cert, role, "KeyUsage", "issued a certificate and does not hold keyCertSign", "issue it anew with keyCertSign")
	case (cert.MaxPathLen > 0 || cert.MaxPathLenZero) && below > cert.MaxPathLen:
		return broken(cert, role, "BasicConstraints", fmt.Sprintf("allows %d CAs below it and has %d", cert.MaxPathLen, below), "raise its path length, or sign with it directly")
	}
	return common(cert, role, p.now)
}

// role is what a certificate is in this chain. One that is trusted is the root, whoever signed it.
func (p *path) role(cert *x509.Certificate, below []*x509.Certificate) string {
	switch {
	case len(below) == 0:
		return Leaf
	case contains(p.trusted, cert):
		return Root
	}
	return Intermediate
}

func (p *path) isTrusted(cert *x509.Certificate) bool { return contains(p.trusted, cert) }

// deadEnd tells of a chain that breaks off.
func (p *path) deadEnd(cert *x509.Certificate, below []*x509.Certificate) *Broken {
	return broken(cert, p.role(cert, below), "unknown CA",
		fmt.Sprintf("was issued by %q, which is neither registered nor sent along; %s", name(cert.Issuer.String()), p.registered()),
		"send the intermediate certificates along, or register the CA as ca_pem of the client")
}

// registered names the trusted certificates.
func (p *path) registered() string {
	const most = 5
	var names []string
	for _, t := range p.trusted {
		names = append(names, fmt.Sprintf("%q", name(t.Subject.String())))
	}
	switch {
	case len(names) == 0:
		return "no CA is registered"
	case len(names) > most:
		return "registered are " + strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return "registered are " + strings.Join(names, ", ")
}

func contains(list []*x509.Certificate, cert *x509.Certificate) bool {
	return slices.ContainsFunc(list, cert.Equal)
}

// Advice tells of CAs that break what the document only recommends: ExtendedKeyUsage should hold clientAuth.
func Advice(chain, trusted []*x509.Certificate) []string {
	var advice []string
	var seen []*x509.Certificate
	for _, cert := range slices.Concat(chain, trusted) {
		if !cert.IsCA || contains(seen, cert) || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
			continue
		}
		seen = append(seen, cert)
		advice = append(advice, fmt.Sprintf("the CA %q (serial %s) should hold clientAuth in ExtendedKeyUsage", name(cert.Subject.String()), serial(cert)))
	}
	return advice
}
