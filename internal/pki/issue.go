package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Order is what somebody wants a certificate for.
type Order struct {
	// Names are what it is for, the first one being its subject: hosts and addresses of a server, any text of a client.
	Names  []string
	Client bool
	Key    KeyKind
	Life   time.Duration // 0: 90 days
	Fault  string        // one of Faults; empty: it is a good one
}

// KeyKind is an algorithm and a size.
type KeyKind string

const (
	P256    KeyKind = "p256"
	P384    KeyKind = "p384"
	RSA2048 KeyKind = "rsa-2048"
	RSA4096 KeyKind = "rsa-4096"

	// Those that only faults ask for.
	rsa1024 KeyKind = "rsa-1024"
	edwards KeyKind = "ed25519"
)

// Issued is a certificate with all that belongs to it.
type Issued struct {
	Chain []*x509.Certificate // as a server or a client sends it: the leaf first, the root left out
	Key   crypto.Signer       // of the leaf
	Root  *x509.Certificate   // at which it ends; a fault may have it end elsewhere than at the authority
}

// PEM gives chain and key as files hold them.
func (i *Issued) PEM() (chain, key []byte, err error) {
	key, err = encodeKey(i.Key)
	return encode(i.Chain...), key, err
}

// RootPEM is for those who are to trust it.
func (i *Issued) RootPEM() []byte { return encode(i.Root) }

// TLS is the same for a configuration of crypto/tls.
func (i *Issued) TLS() tls.Certificate {
	c := tls.Certificate{PrivateKey: i.Key, Leaf: i.Chain[0]}
	for _, link := range i.Chain {
		c.Certificate = append(c.Certificate, link.Raw)
	}
	return c
}

// draft is a certificate before anything is signed: faults change it.
type draft struct {
	now    time.Time
	root   *Authority
	middle []*x509.Certificate // of the authorities between root and leaf, from above
	leaf   *x509.Certificate
	key    KeyKind
	alone  bool // signed by itself
	hidden bool // those between are not sent
}

// Issue makes a certificate. Its errors are sentences for people.
func (a *Authority) Issue(order Order) (*Issued, error) {
	if len(order.Names) == 0 {
		return nil, fmt.Errorf("pki: a certificate is for somebody: name a host, or a client")
	}
	d := &draft{now: a.wall(), root: a, leaf: template(order, a.wall()), key: order.Key}
	if err := nameHosts(d.leaf, order); err != nil {
		return nil, err
	}
	if order.Fault != "" {
		fault, err := findFault(order.Fault)
		if err != nil {
			return nil, err
		}
		if err := fault.spoil(d); err != nil {
			return nil, err
		}
	}
	return a.carryOut(d)
}

func template(order Order, now time.Time) *x509.Certificate {
	life := order.Life
	if life == 0 {
		life = leafLife
	}
	usage := x509.ExtKeyUsageServerAuth
	if order.Client {
		usage = x509.ExtKeyUsageClientAuth
	}
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: commonName(order.Names[0]), Organization: []string{organization}},
		NotBefore: now.Add(-skew), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, BasicConstraintsValid: true,
	}
}

// commonName leaves a name out that is longer than a common name may be (RFC 5280 appendix A.1); clients go by the others.
func commonName(name string) string {
	if len(name) > 64 {
		return ""
	}
	return name
}

// nameHosts puts a server's names where clients look for them.
func nameHosts(leaf *x509.Certificate, order Order) error {
	if order.Client {
		return nil
	}
	for _, name := range order.Names {
		ip := net.ParseIP(name)
		switch bare := strings.TrimPrefix(name, "*."); {
		case ip != nil:
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		case hostname(strings.ToLower(bare)):
			leaf.DNSNames = append(leaf.DNSNames, name)
		default:
			return fmt.Errorf("pki: %q is no host name and no address; for a client's certificate say --client", name)
		}
	}
	return nil
}

// carryOut signs from the root downwards.
func (a *Authority) carryOut(d *draft) (*Issued, error) {
	issued := &Issued{Root: d.root.Certificate}
	parent, signer := d.root.Certificate, d.root.key
	for _, template := range d.middle {
		made, key, err := a.link(template, P256, parent, signer)
		if err != nil {
			return nil, err
		}
		if !d.hidden {
			issued.Chain = append([]*x509.Certificate{made}, issued.Chain...)
		}
		parent, signer = made, key
	}
	if d.alone {
		parent, signer = d.leaf, nil
	}
	leaf, key, err := a.link(d.leaf, d.key, parent, signer)
	if err != nil {
		return nil, err
	}
	if d.alone {
		issued.Root = leaf
	}
	issued.Chain, issued.Key = append([]*x509.Certificate{leaf}, issued.Chain...), key
	return issued, nil
}

// link makes one certificate with a key of its own, which signs it where nobody else does.
func (a *Authority) link(template *x509.Certificate, kind KeyKind, parent *x509.Certificate, signer crypto.Signer) (*x509.Certificate, crypto.Signer, error) {
	key, err := newKey(kind, a.rand)
	if err != nil {
		return nil, nil, err
	}
	if template.SerialNumber, err = a.serial(); err != nil {
		return nil, nil, err
	}
	if signer == nil {
		signer = key
	}
	made, err := sign(a.rand, template, parent, key.Public(), signer)
	return made, key, err
}

func newKey(kind KeyKind, rand io.Reader) (crypto.Signer, error) {
	switch kind {
	case P256, "":
		return ecdsa.GenerateKey(elliptic.P256(), rand)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand)
	case RSA2048:
		return rsa.GenerateKey(rand, 2048)
	case RSA4096:
		return rsa.GenerateKey(rand, 4096)
	case rsa1024:
		return rsa.GenerateKey(rand, 1024) //nolint:gosec // too short on purpose
	case edwards:
		_, key, err := ed25519.GenerateKey(rand)
		return key, err
	}
	return nil, fmt.Errorf("pki: there are no keys of kind %q; there are %s, %s, %s and %s", kind, P256, P384, RSA2048, RSA4096)
}
