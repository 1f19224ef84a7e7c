package tls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/housetest"
)

const link = `{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "single_transfer": {"amount": "125.50", "currency": "RON",
	"creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970"}}`

// curl sends a request to a host at the port of HTTPS, wherever the host really is.
func curl(t *testing.T, h *house, host, path string, more ...string) (string, error) {
	t.Helper()
	housetest.Need(t, "curl")
	args := []string{"-sS", "--noproxy", "*", "--max-time", "20", "--cacert", h.ca, "--resolve", host + ":" + h.port + ":127.0.0.1", h.origin(host) + path}
	return said(t, nil, "curl", append(args, more...)...)
}

// TestCurlByRealNames: every provider's hosts have a certificate, and links lead back to the host by which one came,
// also in a workspace.
func TestCurlByRealNames(t *testing.T) {
	h := start(t)
	post := []string{"-H", "Content-Type: application/json", "-d", link}
	for place, want := range map[string]string{"": "", "/w/test-1": "/w/test-1"} {
		out, err := curl(t, h, "sandbox-pay.finqware.com", place+"/v2/links/create", post...)
		if web := h.origin("sandbox-pay.finqware.com") + want + "/"; err != nil || !strings.Contains(out, `"web_url":"`+web) {
			t.Errorf("%q: %v: %s, want a link to %s", place, err, out, web)
		}
	}
	out, err := curl(t, h, "sandbox-pay.finqware.com", "/v2/links/create", append(post, "-H", "Mockbank-Workspace: test-2")...)
	if web := h.origin("sandbox-pay.finqware.com") + "/w/test-2/"; err != nil || !strings.Contains(out, `"web_url":"`+web) {
		t.Errorf("by the header: %v: %s, want a link to %s", err, out, web)
	}
	for _, host := range append(hosts(t, h), "finqlink.localhost", "test-1.payone.localhost") {
		if out, err := curl(t, h, host, "/", "-o", "/dev/null"); err != nil {
			t.Errorf("%s: %v: %s", host, err, out)
		}
	}
	for _, version := range []string{"--http1.1", "--http2"} {
		for _, secured := range []string{"1.2", "1.3"} {
			if out, err := curl(t, h, "localhost", "/", "-o", "/dev/null", version, "--tlsv"+secured, "--tls-max", secured); err != nil {
				t.Errorf("%s, TLS %s: %v: %s", version, secured, err, out)
			}
		}
	}
}

// hosts are the real ones of all providers.
func hosts(t *testing.T, h *house) []string {
	t.Helper()
	var page struct {
		Items []struct {
			Faces []struct{ Hosts []string }
		}
	}
	if err := h.Call(t.Context(), http.MethodGet, "/_mockbank/v1/providers", nil, &page); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, provider := range page.Items {
		for _, face := range provider.Faces {
			all = append(all, face.Hosts...)
		}
	}
	if len(all) < 3 {
		t.Fatalf("there are only the hosts %v", all)
	}
	return all
}

// TestTheExampleLeadsHere: every alias of the compose file is a name that has a certificate.
func TestTheExampleLeadsHere(t *testing.T) {
	text, err := os.ReadFile("../../examples/compose/real-names.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "aliases:\n")
	known, found := hosts(t, start(t)), 0
	for line := range strings.Lines(rest) {
		alias, is := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if !is {
			break
		}
		found++
		if !slices.Contains(known, alias) {
			t.Errorf("%s is no provider's name", alias)
		}
	}
	if found == 0 {
		t.Error("there are no aliases")
	}
}

// TestTheControlAPIStaysAway from a provider's own name, and answers by localhost and by --host.
func TestTheControlAPIStaysAway(t *testing.T) {
	h := start(t, "--host", "Bank.Example")
	for host, want := range map[string]string{"sandbox-pay.finqware.com": "provider_host", "localhost": `"ok"`, "bank.example": `"ok"`} {
		if out, err := curl(t, h, host, "/_mockbank/v1/health"); err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v: %s, want %s", host, err, out, want)
		}
	}
}

// TestAnUnknownName: the client is told by its own library which names it would have got, and the log has the remedy.
func TestAnUnknownName(t *testing.T) {
	h := start(t)
	out, err := curl(t, h, "bank.example", "/")
	if err == nil || !strings.Contains(out, "bank.example") || !strings.Contains(h.Log(), "--host NAME adds one") {
		t.Errorf("%v: %s\n%s", err, out, h.Log())
	}
}

// TestNodeFetch: Node takes the CA from its environment, and knows no way to lead a name elsewhere, so it goes by
// localhost.
func TestNodeFetch(t *testing.T) {
	housetest.Need(t, "node")
	h := start(t)
	script := "fetch('" + h.origin("localhost") + "/_mockbank/v1/health').then(r => r.text()).then(console.log, e => { console.log(e.cause?.code); process.exit(1) })"
	if out, err := said(t, []string{"NODE_EXTRA_CA_CERTS=" + h.ca}, "node", "-e", script); err != nil || !strings.Contains(out, `"ok"`) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := said(t, nil, "node", "-e", script); err == nil || !strings.Contains(out, "UNABLE_TO_") {
		t.Errorf("without the CA: %v: %s", err, out)
	}
}

// trusting is Go's client with the CA, which finds mockbank under every name.
func (h *house) trusting(t *testing.T, http2 bool) *http.Client {
	t.Helper()
	text, err := os.ReadFile(h.ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+h.port)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2, DialContext: dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: 20 * time.Second, Transport: transport}
}

// TestGoByRealNames without a port, as the real thing is called.
func TestGoByRealNames(t *testing.T) {
	h := start(t)
	for _, http2 := range []bool{false, true} {
		reply, err := h.trusting(t, http2).Post("https://sandbox-pay.finqware.com/v2/links/create", "application/json", strings.NewReader(link))
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		text, err := io.ReadAll(reply.Body)
		var made struct {
			WebURL string `json:"web_url"`
		}
		if json.Unmarshal(text, &made) != nil || err != nil || !strings.HasPrefix(made.WebURL, "https://sandbox-pay.finqware.com/") || (reply.ProtoMajor == 2) != http2 {
			t.Errorf("HTTP/2 %t: %s: %v: %s", http2, reply.Proto, err, text)
		}
	}
}

// TestTheCAAtThePlainPort is the one under which HTTPS is served.
func TestTheCAAtThePlainPort(t *testing.T) {
	h := start(t)
	reply, err := http.Get(h.Base + "/_mockbank/v1/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	got, err := io.ReadAll(reply.Body)
	want, _ := os.ReadFile(h.ca)
	if err != nil || string(got) != string(want) || len(want) == 0 {
		t.Errorf("%v: %s, want %s", err, got, want)
	}
}
