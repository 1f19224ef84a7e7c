package pki

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
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
func (s *Servers) named(name string, more ...string) (*tls.Certificate, error) {
	names := append([]string{name}, more...)
	if name == localName {
		names = append(names, "127.0.0.1", "::1")
	}
	key := strings.Join(names, " ")
	s.lock.Lock()
	defer s.lock.Unlock()
	if have := s.made[key]; have != nil && s.Authority.wall().Before(have.Leaf.NotAfter.Add(-leafRenewal)) {
		return have, nil
	}
	issued, err := s.Authority.Issue(Order{Names: names})
	if err != nil {
		return nil, err
	}
	made := issued.TLS()
	if len(s.made) >= maxServers || s.made == nil {
		s.made = map[string]*tls.Certificate{}
	}
	s.made[key] = &made
	return &made, nil
}

// local is the address at which a connection arrived, unless that is the loopback.
func local(conn net.Conn) []string {
	at, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return nil
	}
	return []string{at.Addr().Unmap().WithZone("").String()}
}

var label = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// hostname tells whether a name is of a form that clients find in certificates.
func hostname(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if !label.MatchString(part) {
			return false
		}
	}
	return len(name) <= maxName
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
