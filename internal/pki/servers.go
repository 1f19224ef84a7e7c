package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// maxServers is how many names have a certificate at hand. Making one takes a tenth of a millisecond, so to forget all
// of them at once is cheap; names below localhost are without number.
const maxServers = 1000

const (
	localName   = "localhost"
	localDomain = ".localhost"
	maxName     = 253 // of a host, RFC 1035 section 2.3.4
	maxLabel    = 63
)

// Servers is the certificates of one server, by the name that a client asks for. It may be used by many at the same time.
type Servers struct {
	Authority *Authority
	Names     []string // besides localhost, the names below it and addresses
	Log       *slog.Logger

	lock sync.Mutex
	made map[string]*tls.Certificate
}

// Certificate is what tls.Config.GetCertificate asks for. A client that names no host means the address that it dialled,
// and gets a certificate for that. One that names an unknown host gets that of localhost: it refuses it with a message that
// has both names in it, where an alert would tell it nothing.
func (s *Servers) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" {
		return s.named(localName, local(hello.Conn)...)
	}
	if !s.known(name) {
		s.Log.Info("tls: a client asked for a host that is not ours, and got the certificate of localhost; --host NAME adds one",
			"host", name, "client", hello.Conn.RemoteAddr().String())
		name = localName
	}
	return s.named(name)
}

func (s *Servers) known(name string) bool {
	return name == localName || strings.HasSuffix(name, localDomain) && hostname(name) || slices.Contains(s.Names, name)
}

// named gives the certificate of a name. For localhost it also has the loopback's addresses, and those that are added.
func (s *Servers) named(name string, more ...net.IP) (*tls.Certificate, error) {
	order := x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}}
	key := name
	if name == localName {
		order.IPAddresses = append([]net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, more...)
		for _, ip := range more {
			key += " " + ip.String()
		}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if have := s.made[key]; have != nil && s.Authority.wall().Before(have.Leaf.NotAfter.Add(-leafRenewal)) {
		return have, nil
	}
	made, err := s.Authority.server(&order)
	if err != nil {
		return nil, err
	}
	if len(s.made) >= maxServers || s.made == nil {
		s.made = map[string]*tls.Certificate{}
	}
	s.made[key] = made
	return made, nil
}

// server makes a certificate for a server, as browsers take it.
func (a *Authority) server(template *x509.Certificate) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), a.rand)
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = a.serial(); err != nil {
		return nil, err
	}
	now := a.wall()
	template.Subject.Organization = []string{organization}
	template.NotBefore, template.NotAfter = now.Add(-skew), now.Add(leafLife)
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.BasicConstraintsValid = true
	leaf, err := sign(a.rand, template, a.Certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// local is the address at which a connection arrived, unless that is the loopback.
func local(conn net.Conn) []net.IP {
	at, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return nil
	}
	return []net.IP{at.Addr().Unmap().AsSlice()}
}

// hostname tells whether a name is of a form that certificates can hold: letters, digits and hyphens between dots.
func hostname(name string) bool {
	if len(name) > maxName {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// Config is that of a listener: every connection is asked for a client certificate, and verify says whether the
// connection may stand, whether the client sent one or not; nil admits all. It sees every connection, since none is
// resumed: whoever resumes one shows no certificate.
func (s *Servers) Config(verify func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: s.Certificate,
		ClientAuth: tls.RequestClientCert, VerifyConnection: verify, SessionTicketsDisabled: true,
		NextProtos: []string{"h2", "http/1.1"},
	}
}
