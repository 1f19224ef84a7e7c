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
	issuers := p.issuers(cert)
	if len(below) > 0 && contains(p.trusted, cert) && !slices.ContainsFunc(issuers, p.isTrusted) {
		return nil // The end: it is trusted, and no other trusted one stands above it.
	}
	var first *Broken
	for _, issuer := range issuers {
		if p.steps--; p.steps < 0 || len(below) >= maxChain {
			break
		}
		if contains(below, issuer) {
			continue
		}
		b := p.step(cert, issuer, below)
		if b == nil {
			return nil
		}
		if first == nil {
			first = b
		}
	}
	if first == nil {
		first = p.deadEnd(cert, below)
	}
	return first
}

// step goes up to an issuer, and on from there.
func (p *path) step(cert, issuer *x509.Certificate, below []*x509.Certificate) *Broken {
	if b := p.signature(cert, issuer, below); b != nil {
		return b
	}
	if b := p.authority(issuer, len(below)); b != nil {
		return b
	}
	return p.walk(issuer, append(slices.Clip(below), issuer))
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

// issuers are those that bear the name which the certificate calls for, trusted ones first.
func (p *path) issuers(cert *x509.Certificate) []*x509.Certificate {
	var found []*x509.Certificate
	for _, candidate := range slices.Concat(p.trusted, p.sent) {
		if bytes.Equal(candidate.RawSubject, cert.RawIssuer) && !candidate.Equal(cert) && !contains(found, candidate) {
			found = append(found, candidate)
		}
	}
	return found
}

func (p *path) isTrusted(cert *x509.Certificate) bool { return contains(p.trusted, cert) }

// deadEnd tells of a chain that comes to no trusted certificate.
func (p *path) deadEnd(cert *x509.Certificate, below []*x509.Certificate) *Broken {
	var trusted []string
	for _, t := range p.trusted {
		trusted = append(trusted, fmt.Sprintf("%q", name(t.Subject.String())))
	}
	names := "no CA is registered"
	if len(trusted) > 0 {
		const most = 5
		names = "registered are " + strings.Join(trusted[:min(len(trusted), most)], ", ")
		if len(trusted) > most {
			names += fmt.Sprintf(" and %d more", len(trusted)-most)
		}
	}
	reason := fmt.Sprintf("was issued by %q, which is neither registered nor sent along; %s", name(cert.Issuer.String()), names)
	if len(below) > 0 && selfSigned(cert) {
		reason = "is a root that is not registered; " + names
	}
	return broken(cert, p.role(cert, below), "unknown CA", reason, "send the intermediate certificates along, or register the CA as ca_pem of the client")
}

func contains(list []*x509.Certificate, cert *x509.Certificate) bool {
	return slices.ContainsFunc(list, cert.Equal)
}

// Advice tells of CAs that break what the document only recommends: ExtendedKeyUsage should hold clientAuth.
func Advice(chain, trusted []*x509.Certificate) []string {
	var advice []string
	for i, cert := range slices.Concat(chain, trusted) {
		if i == 0 && len(chain) > 0 || !cert.IsCA || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
			continue
		}
		advice = append(advice, fmt.Sprintf("the CA %q (serial %s) should hold clientAuth in ExtendedKeyUsage", name(cert.Subject.String()), serial(cert)))
	}
	return advice
}
