package access

import (
	"crypto/tls"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

// multiplexed has the house's connections carry many requests at once.
func (h *house) multiplexed() *house {
	h.client.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	return h
}

// TestCertificatesOverHTTP2: one connection carries the requests of several clients, and each is judged by itself.
func TestCertificatesOverHTTP2(t *testing.T) {
	h, ours, theirs := secured(t).in(t, "f-h2"), shop(t), shop(t)
	h.trust("required", ours.PEM())
	h.control("PUT", "/clients/finqlink/other", object{"secret": "x", "mtls": "required", "ca_pem": string(theirs.PEM())}, nil)
	for name, version := range versions {
		at := h.over(version, issued(t, ours, ""), true).multiplexed()
		if a, err := at.bySecretIn(); err != nil || a.Status != http.StatusOK || a.Proto != "HTTP/2.0" {
			t.Errorf("%s: %s %s %v", name, a.Proto, a, err)
		}
		a := at.do("POST", at.base()+"/v2/links/list", `{"client_id":"other","client_secret":"x"}`, "Content-Type", "application/json")
		if a.Status != http.StatusUnauthorized || !strings.Contains(a.text("message"), "neither registered nor sent along") {
			t.Errorf("%s, the other client: %s", name, a)
		}
		h.trust("required", theirs.PEM())
		at.rejected(name+", after the trust has changed", "neither registered nor sent along")
		h.trust("required", ours.PEM())
		at.admitted(name + ", and back")
		wantNoAnswer(h.over(version, issued(t, ours, "code-signing"), false).multiplexed(), name+", F5")
	}
	token := "Bearer " + h.over(tls.VersionTLS13, issued(t, ours, ""), false).multiplexed().login()
	challenged(t, "F11 over HTTP/2", h.over(tls.VersionTLS13, issued(t, ours, ""), false).multiplexed().list("Authorization", token), `error="invalid_token"`)
}

// TestF2AKeyThatNobodyMakesAnyMore: openssl, told to forget all caution, shows an RSA key of 512 bits.
func TestF2AKeyThatNobodyMakesAnyMore(t *testing.T) {
	housetest.Need(t, "openssl")
	h, dir := secured(t), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	run := func(in string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Stdin = strings.NewReader(in)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Old CA", "-keyout", at("ca.key"), "-out", at("ca.pem")},
		{"req", "-newkey", "rsa:512", "-nodes", "-subj", "/CN=Tiny", "-keyout", at("tiny.key"), "-out", at("tiny.csr")},
		{"x509", "-req", "-in", at("tiny.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", "10", "-extfile", at("usage"), "-out", at("tiny.pem")},
	} {
		if err := os.WriteFile(at("usage"), []byte("extendedKeyUsage=clientAuth\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := run("", args...); err != nil {
			housetest.Missing(t, "openssl makes no such key: "+out)
		}
	}
	authority, err := os.ReadFile(at("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	h.trust("required", authority)
	// In TLS 1.3 openssl shows no such certificate: the signature of its key has no room for the padding.
	out, _ := run("GET /finqlink/.well-known/jwks.json HTTP/1.0\r\n\r\n", "s_client", "-connect", strings.TrimPrefix(h.Secure, "https://"), "-cert", at("tiny.pem"), "-key", at("tiny.key"),
		"-tls1_2", "-cipher", "ALL:@SECLEVEL=0", "-quiet") // That it fails is what is wanted.
	if strings.Contains(out, "HTTP/1.") {
		t.Errorf("it is let in: %s", out)
	}
	if err := h.Await(regexp.MustCompile("refused a client certificate at the handshake.*RSA key of 512 bits.*use one of 2048 bits"), 1); err != nil {
		t.Error(err)
	}
}
