// Package pki is mockbank's certificate authority: it makes the certificates under which mockbank serves HTTPS, and
// those that people order to test a client, good ones and deliberately bad ones.
//
// An Authority is a key and a self-signed certificate: Make makes one, Open keeps one in a folder. Issue signs what an
// Order asks for. Servers hands a server the certificate of the name that a client asks for, made when it is first asked
// for and again before it expires.
//
// Invariant: nothing here is judged by a workspace's clock, since the other side of a handshake goes by the machine's.
// Both the machine's clock and its source of chance are handed in. The authority's key is written to one file only, which
// nobody but its owner can read, and is in no message.
package pki

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
)

// How long certificates live. Browsers refuse a server's that lives longer than 398 days.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 90 * 24 * time.Hour
	leafRenewal   = 30 * 24 * time.Hour // before its end
	skew          = 24 * time.Hour      // by which the clock of another machine or container may be behind
)

// organization stands in every certificate, so that whoever finds one in a trust store knows whose it is.
const organization = "mockbank (for tests only)"

// Authority signs certificates. It may be used by many at the same time.
type Authority struct {
	Certificate *x509.Certificate

	key  crypto.Signer
	wall clock.Wall
	rand io.Reader
}

// Make makes a new authority. Its name is its own, so that a trust store can hold several.
func Make(wall clock.Wall, rand io.Reader) (*Authority, error) {
	now := wall()
	return makeFor(now.Add(-skew), now.Add(authorityLife), wall, rand)
}

// makeFor makes an authority that is valid between two instants.
func makeFor(from, to time.Time, wall clock.Wall, rand io.Reader) (*Authority, error) {
	a := &Authority{wall: wall, rand: rand}
	var err error
	if a.key, err = newKey(P256, rand); err != nil {
		return nil, fmt.Errorf("pki: no key can be made: %w", err)
	}
	serial, err := a.serial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "mockbank CA " + hex.EncodeToString(serial.Bytes()[:4]), Organization: []string{organization}},
		NotBefore:    from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	a.Certificate, err = sign(rand, template, template, a.key.Public(), a.key)
	return a, err
}

// PEM is the certificate as trust stores take it. There is nothing secret in it.
func (a *Authority) PEM() []byte { return encode(a.Certificate) }

// serial is a number that nobody can foresee, of 16 bytes with the first bit clear and the second set: positive, and as
// long as RFC 5280 section 4.1.2.2 allows.
func (a *Authority) serial() (*big.Int, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(a.rand, raw); err != nil {
		return nil, fmt.Errorf("pki: the machine has no chance to give: %w", err)
	}
	raw[0] = raw[0]&0x3f | 0x40
	return new(big.Int).SetBytes(raw), nil
}

// sign gives the certificate as its readers see it.
func sign(rand io.Reader, template, parent *x509.Certificate, public any, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("pki: the certificate can not be signed: %w", err)
	}
	return x509.ParseCertificate(der)
}

func encode(chain ...*x509.Certificate) []byte {
	var text []byte
	for _, c := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: c.Raw})...)
	}
	return text
}
