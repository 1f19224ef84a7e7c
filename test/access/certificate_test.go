package access

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/housetest"
	"github.com/mockbank/mockbank/internal/pki"
)

// secured runs the program with HTTPS.
func secured(t *testing.T) *house { return start(t, "--tls", "127.0.0.1:0", "--ca", t.TempDir()) }

// shop is an authority of the clients' own, as FinqLink's customers have one.
func shop(t *testing.T) *pki.Authority {
	t.Helper()
	a, err := pki.Make(clock.System, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issued(t *testing.T, by *pki.Authority, fault string) *pki.Issued {
	t.Helper()
	i, err := by.Issue(pki.Order{Names: []string{"shop"}, Client: true, Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// over is the same house over TLS, in a workspace that the host names. Each request has a connection of its own, unless
// kept is set. A nil certificate shows none.
func (h *house) over(version uint16, shown *pki.Issued, kept bool) *house {
	h.t.Helper()
	at, err := url.Parse(h.Secure)
	if err != nil {
		h.t.Fatal(err)
	}
	other := *h
	other.origin, other.named = "https://"+h.workspace+".finqlink.localhost:"+at.Port(), true
	settings := &tls.Config{RootCAs: h.roots(), MinVersion: version, MaxVersion: version}
	settings.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if shown == nil {
			return &tls.Certificate{}, nil
		}
		c := shown.TLS()
		return &c, nil
	}
	transport := &http.Transport{TLSClientConfig: settings, DisableKeepAlives: !kept, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, at.Host)
	}}
	other.client = &http.Client{Transport: transport, Timeout: 20 * time.Second}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &other
}

// authorityPEM is the certificate of the CA under which the program serves.
func (h *house) authorityPEM() []byte {
	h.t.Helper()
	return (&house{t: h.t, client: &http.Client{}}).do("GET", h.Base+"/_mockbank/v1/ca.pem", "").Body
}

func (h *house) roots() *x509.CertPool {
	h.t.Helper()
	pool := x509.NewCertPool()
	if text := h.authorityPEM(); !pool.AppendCertsFromPEM(text) {
		h.t.Fatalf("no CA: %s", text)
	}
	return pool
}

// trust registers what the demo client's certificates must come from.
func (h *house) trust(mtls string, pems ...[]byte) {
	h.t.Helper()
	var all []byte
	for _, text := range pems {
		all = append(all, text...)
	}
	h.control("PUT", "/clients/finqlink/"+demo, object{"mtls": mtls, "ca_pem": string(all)}, nil)
}

func (h *house) refuses(how string) {
	h.t.Helper()
	h.control("PUT", "", object{"settings": object{"finqlink": object{"refuse": how}}}, nil)
}

// bySecretIn lists the demo client's links with its secret, so that nothing but the certificate can be wrong.
func (h *house) bySecretIn() (answer, error) {
	return h.send("POST", h.base()+"/v2/links/list", `{"client_id":"`+demo+`","client_secret":"`+demoSecret+`"}`, "Content-Type", "application/json")
}

func (h *house) admitted(name string) {
	h.t.Helper()
	if a, err := h.bySecretIn(); err != nil || a.Status != http.StatusOK {
		h.t.Errorf("%s: %s %v", name, a, err)
	}
}

func (h *house) rejected(name, words string) {
	h.t.Helper()
	a, err := h.bySecretIn()
	if err != nil || a.Status != http.StatusUnauthorized || a.text("code") != "unauthorized" || !strings.Contains(a.text("message"), words) || a.Header.Get("WWW-Authenticate") == "" {
		h.t.Errorf("%s: %s %v, want %q", name, a, err, words)
	}
}

// faults are the words by which each certificate that pki can spoil is refused; empty: it is a good one for a client.
var faults = map[string]struct{ line, words string }{
	"expired": {"F6", "expired at"}, "not-yet-valid": {"F6", "is not valid before"}, "long-lived": {"", ""}, "self-signed": {"F7", "is self-signed"},
	"unknown-ca": {"F8", "neither registered nor sent along; registered are"}, "root-expired": {"F9", "validity: the root"},
	"missing-intermediate": {"F8", `was issued by "CN=mockbank intermediate CA 1`}, "issuer-not-ca": {"F9", "BasicConstraints: the intermediate"},
	"issuer-no-cert-sign": {"F9", "does not hold keyCertSign"}, "issuer-expired": {"F9", "validity: the intermediate"}, "wrong-name": {"", ""}, "no-name": {"", ""},
	"is-ca": {"F3", "BasicConstraints: the leaf"}, "no-usage": {"F4", "clientAuth is missing"}, "no-client-auth": {"F4", "does not hold clientAuth"},
	"server-auth": {"F4", "does not hold clientAuth"}, "client-auth": {"", ""}, "any-only": {"F4", "anyExtendedKeyUsage"}, "code-signing": {"F5", "holds codeSigning"},
	"time-stamping": {"F5", "holds timeStamping"}, "ocsp-signing": {"F5", "holds OCSPSigning"}, "ed25519": {"F2", "Ed25519"}, "rsa-1024": {"F2", "1024 bits"},
	"long-chain": {"F10", "101 certificates"}, "many-names": {"F10", "chain of"},
}

var versions = map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13}

// TestCertificatesOfEveryKind shows each to each version of TLS, in both ways to refuse.
func TestCertificatesOfEveryKind(t *testing.T) {
	h, authority := secured(t), shop(t)
	for _, fault := range pki.Faults {
		want, known := faults[fault.Name]
		if !known && fault.Name != "large" {
			t.Errorf("nobody says what becomes of a certificate that is %s", fault.Name)
			continue
		}
		t.Run(strings.TrimSpace(want.line+" "+fault.Name), func(t *testing.T) {
			cert := issued(t, authority, fault.Name)
			at := h.in(t, "f-"+fault.Name)
			known := [][]byte{authority.PEM()}
			if fault.Name != "unknown-ca" {
				known = append(known, cert.RootPEM()) // Also a self-signed leaf, which that does not help.
			}
			at.trust("required", known...)
			for name, version := range versions {
				at.refuses("http")
				showing := at.over(version, cert, false)
				switch {
				case fault.Name == "large":
					wantNoAnswer(showing, "a megabyte, "+name) // The TLS library gives up before anybody can give a reason.
				case want.words == "":
					showing.admitted(name)
				default:
					showing.rejected(name, want.words)
				}
				at.refuses("handshake")
				if want.words == "" && fault.Name != "large" {
					showing.admitted(name)
				} else {
					wantNoAnswer(showing, name)
				}
			}
			if want.words != "" {
				wantTrace(at, want.words, len(versions))
			}
			at.over(tls.VersionTLS13, issued(t, authority, ""), false).admitted("a good one afterwards")
		})
	}
}

func wantNoAnswer(h *house, name string) {
	h.t.Helper()
	if a, err := h.bySecretIn(); err == nil {
		h.t.Errorf("%s: the handshake succeeds, and the answer is %s", name, a)
	}
}

// wantTrace wants each refused handshake in the journal, with its reason, and in the log: an alert says nothing.
func wantTrace(h *house, words string, times int) {
	h.t.Helper()
	var page struct {
		Items []struct {
			Method, Operation, Provider string
			Status                      int
			Verdict                     struct{ Step, Message string }
		}
	}
	h.control("GET", "/requests?operation=tls.handshake", nil, &page)
	found := 0
	for _, item := range page.Items {
		if item.Verdict.Step == "handshake" && item.Status == 0 && item.Provider == "finqlink" && strings.Contains(item.Verdict.Message, words) && strings.Contains(item.Verdict.Message, "serial") {
			found++
		}
	}
	if found != times {
		h.t.Errorf("the journal tells %d times of %q, want %d: %+v", found, words, times, page.Items)
	}
	line := regexp.MustCompile("refused a client certificate at the handshake.*workspace=" + h.workspace + " .*serial.*\n")
	if err := h.Await(line, times); err != nil {
		h.t.Error(err)
	}
}

// TestF1NoCertificate: whoever must show one and shows none is told so by HTTP, since the handshake knows no client.
func TestF1NoCertificate(t *testing.T) {
	h, authority := secured(t), shop(t)
	h = h.in(t, "f1")
	none, good := h.over(tls.VersionTLS13, nil, false), h.over(tls.VersionTLS13, issued(t, authority, ""), false)
	stranger := h.over(tls.VersionTLS13, issued(t, shop(t), ""), false)

	none.admitted("mtls is off by itself")
	stranger.admitted("and a certificate is ignored")

	h.trust("optional", authority.PEM())
	none.admitted("optional, none shown")
	good.admitted("optional, a good one")
	wantNoAnswer(stranger, "optional, a stranger's")

	h.trust("required", authority.PEM())
	none.rejected("required, none shown", "none was sent")
	good.admitted("required, a good one")
	plain := h.in(t, "f1")
	plain.rejected("required, without TLS", "none was sent")
	a := none.token(bySecret(demo, demoSecret).Encode())
	refusal(t, "at the token endpoint", a, http.StatusUnauthorized, "invalid_client")
	if !strings.Contains(a.text("error_description"), "none was sent") {
		t.Errorf("%s", a)
	}
}

// TestF1ARefusedTokenRequestCostsNoAssertion: the client comes back with its certificate and the same assertion.
func TestF1ARefusedTokenRequestCostsNoAssertion(t *testing.T) {
	h, authority := secured(t), shop(t)
	h.trust("required", authority.PEM())
	s := newSigner(h.in(t, "default"))
	assertion := s.made(nil, object{"aud": "https://finqware.okta.com" + tokenPath})
	refusal(t, "without", s.post(assertion), http.StatusUnauthorized, "invalid_client")
	s.h = h.over(tls.VersionTLS12, issued(t, authority, ""), false)
	s.taken("with", assertion)
}

// TestF8ACertificateOfAnotherClient passes the handshake, and is refused when it is known who calls.
func TestF8ACertificateOfAnotherClient(t *testing.T) {
	h, ours, theirs := secured(t).in(t, "f8"), shop(t), shop(t)
	h.trust("required", ours.PEM())
	h.control("PUT", "/clients/finqlink/other", object{"secret": "x", "mtls": "required", "ca_pem": string(theirs.PEM())}, nil)
	h.over(tls.VersionTLS13, issued(t, theirs, ""), false).rejected("another client's", "neither registered nor sent along")
}

// TestTrustChangesCountAtOnce on connections that are open, and on new ones.
func TestTrustChangesCountAtOnce(t *testing.T) {
	h, before, after := secured(t).in(t, "change"), shop(t), shop(t)
	h.trust("required", before.PEM())
	open := h.over(tls.VersionTLS13, issued(t, before, ""), true)
	open.admitted("before")
	h.trust("required", after.PEM())
	open.rejected("the open connection", "neither registered nor sent along")
	wantNoAnswer(h.over(tls.VersionTLS13, issued(t, before, ""), false), "a new one")
	h.over(tls.VersionTLS13, issued(t, after, ""), false).admitted("the new CA's")
	h.trust("required", before.PEM(), after.PEM())
	open.admitted("the open connection, after all")
}

// TestF11ATokenIsBoundToItsCertificate (RFC 8705 section 3).
func TestF11ATokenIsBoundToItsCertificate(t *testing.T) {
	h, authority := secured(t).in(t, "f11"), shop(t)
	h.trust("optional", authority.PEM())
	mine := issued(t, authority, "")
	with, other, none := h.over(tls.VersionTLS13, mine, false), h.over(tls.VersionTLS13, issued(t, authority, ""), false), h.over(tls.VersionTLS13, nil, false)
	token := "Bearer " + with.login()
	for _, version := range versions {
		if a := h.over(version, mine, false).list("Authorization", token); a.Status != http.StatusOK {
			t.Errorf("with its certificate: %s", a)
		}
	}
	challenged(t, "with another", other.list("Authorization", token), `error="invalid_token"`)
	challenged(t, "without", none.list("Authorization", token), `error="invalid_token"`)
	challenged(t, "without TLS", h.list("Authorization", token), `error="invalid_token"`)
	var told struct {
		Active bool
		Cnf    map[string]string
	}
	h.control("POST", "/tokens/introspect", object{"token": token[7:]}, &told)
	if !told.Active || len(told.Cnf["x5t#S256"]) != 43 {
		t.Errorf("%+v", told)
	}
	h.trust("off", authority.PEM())
	challenged(t, "without, its client's certificates being off", none.list("Authorization", token), `error="invalid_token"`)
	if free := "Bearer " + with.login(); h.list("Authorization", free).Status != http.StatusOK {
		t.Error("a token is bound although the client's certificates are off")
	}
}

// TestF12BadTrust is refused where it is given, with its line.
func TestF12BadTrust(t *testing.T) {
	h, authority := start(t), shop(t)
	cert := string(authority.PEM())
	_, key, err := issued(t, authority, "").PEM()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Count(cert, "\n")
	for text, words := range map[string]string{
		" ": "it is empty", "nonsense": "line 1: it is not PEM", cert + string(key): "line " + encoded(lines+1) + ": it holds a PRIVATE KEY",
		cert + cert[:60]: "line " + encoded(lines+1) + ": the PEM block can not be read",
	} {
		a := h.do("PUT", h.Base+"/_mockbank/v1/workspaces/f12/clients/finqlink/"+demo, encoded(object{"ca_pem": text}), "Content-Type", "application/json")
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.text("detail"), words) {
			t.Errorf("%.30q: %s, want %q", text, a, words)
		}
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "clients", "put", "finqlink", demo, "ca_pem=@/nowhere/ca.pem", "--server", h.Base).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "/nowhere/ca.pem") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestCurlShowsCertificates: a client that nobody here wrote, with files, in both versions of TLS.
func TestCurlShowsCertificates(t *testing.T) {
	housetest.Need(t, "curl")
	h, authority := secured(t), shop(t)
	h.trust("required", authority.PEM())
	h.refuses("http")
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	trust := file("ca.pem", h.authorityPEM())
	for fault, want := range map[string]string{"": "200", "issuer-not-ca": "401", "code-signing": "401", "ed25519": "401"} {
		chain, key, err := issued(t, authority, fault).PEM()
		if err != nil {
			t.Fatal(err)
		}
		cert, private := file(fault+".pem", chain), file(fault+".key", key)
		for _, version := range []string{"1.2", "1.3"} {
			out, err := exec.CommandContext(t.Context(), "curl", "-sS", "--cacert", trust, "--cert", cert, "--key", private, "--tlsv"+version, "--tls-max", version,
				"-w", "\n%{http_code}", "-H", "Content-Type: application/json", "-d", `{"client_id":"`+demo+`","client_secret":"`+demoSecret+`"}`, h.Secure+"/finqlink/v2/links/list").CombinedOutput()
			if err != nil || !strings.HasSuffix(string(out), "\n"+want) {
				t.Errorf("%q, TLS %s: %v %s", fault, version, err, out)
			}
		}
	}
}

// TestTheKindsAreKnown keeps the table above from naming a fault that there is not.
func TestTheKindsAreKnown(t *testing.T) {
	names := map[string]bool{}
	for _, fault := range pki.Faults {
		names[fault.Name] = true
	}
	for name := range faults {
		if !names[name] {
			t.Errorf("there is no fault %q", name)
		}
	}
}
