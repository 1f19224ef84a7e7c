package clients

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/housetest"
	"github.com/mockbank/mockbank/internal/pki"
)

const issuer = "/finqlink/oauth2/ausfqbxutkZBUKUgQ417"

func TestTokenClientsOfNode(t *testing.T) {
	for _, script := range []string{"oauth4webapi.mjs", "openid-client.mjs"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			cmd, complaints := node(t, script, h.Base+"/finqlink", h.Base+issuer, h.Base+control)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, complaints)
			}
			want := []string{"oidc RS256", "oidc PS256", "oidc ES256", "oauth2 RS256", "oauth2 PS256", "oauth2 ES256"}
			if diff := cmp.Diff(want, orders(t, out)); diff != "" {
				t.Errorf("the orders differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A private workspace has an issuer of its own, and its addresses lead back to it.
func TestTokenClientsOfNodeInAWorkspace(t *testing.T) {
	t.Parallel()
	h := start(t)
	base := h.Base + "/w/tests"
	cmd, complaints := node(t, "oauth4webapi.mjs", base+"/finqlink", base+issuer, strings.Replace(h.Base+control, "default", "tests", 1))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints)
	}
	if got := orders(t, out); len(got) != 6 {
		t.Errorf("the orders are %v, want six", got)
	}
}

// Under the FAPI 2 profile, and with certificates on all connections, as a client in production is set up.
func TestTokenClientsOfNodeWithCertificates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := startWith(t, "--tls", "127.0.0.1:0", "--ca", dir)
	authority, err := pki.Make(clock.System, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shop, err := authority.Issue(pki.Order{Names: []string{"shop"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	chain, key, err := shop.PEM()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{h.Secure + "/finqlink", h.Secure + issuer, h.Base + control, filepath.Join(dir, pki.CertificateFile)}
	for name, text := range map[string][]byte{"shop.pem": chain, "shop.key": key, "shop-ca.pem": authority.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args = append(args, filepath.Join(dir, "shop.pem"), filepath.Join(dir, "shop.key"), filepath.Join(dir, "shop-ca.pem"))
	cmd, complaints := node(t, "mtls.mjs", args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints)
	}
	want := []string{"openidClient PS256", "openidClient ES256", "oauth4webapi PS256", "oauth4webapi ES256"}
	if diff := cmp.Diff(want, orders(t, out)); diff != "" {
		t.Errorf("the orders differ (-want +got):\n%s", diff)
	}
}

// TestGoOIDC finds the issuer by its metadata, and verifies a token with the keys that it names.
func TestGoOIDC(t *testing.T) {
	t.Parallel()
	h := startWith(t, "--clock", "real")
	found, err := oidc.NewProvider(t.Context(), h.Base+issuer)
	if err != nil {
		t.Fatal(err)
	}
	config := clientcredentials.Config{
		ClientID: "finqlink-demo", ClientSecret: "finqlink-demo-secret", Scopes: []string{"pay_by_link"}, TokenURL: found.Endpoint().TokenURL,
	}
	token, err := config.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verifier := found.Verifier(&oidc.Config{ClientID: "https://sandbox-pay.finqware.com"})
	read, err := verifier.Verify(t.Context(), token.AccessToken)
	if err != nil || read.Subject != "finqlink-demo" {
		t.Errorf("%+v, %v", read, err)
	}
	if _, err := verifier.Verify(t.Context(), token.AccessToken[:len(token.AccessToken)-6]+"AAAAAA"); err == nil {
		t.Error("it verifies a token that was tampered with")
	}
}

// orders reads what a script wrote, a line for each order.
func orders(t *testing.T, out []byte) []string {
	t.Helper()
	var got []string
	for line := range bytes.Lines(out) {
		var order struct {
			Alg, How string
			LinkID   string `json:"link_id"`
		}
		if err := json.Unmarshal(line, &order); err != nil || order.LinkID == "" {
			t.Fatalf("%s (%v)", line, err)
		}
		got = append(got, order.How+" "+order.Alg)
	}
	return got
}

func TestTheTokenClientOfGo(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, style := range map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams, "by itself": oauth2.AuthStyleAutoDetect} {
		config := clientcredentials.Config{
			ClientID: "finqlink-demo", ClientSecret: "finqlink-demo-secret", Scopes: []string{"pay_by_link"},
			TokenURL: h.Base + issuer + "/v1/token", AuthStyle: style,
		}
		order(t, h, name, config.Client(t.Context()))

		config.ClientSecret = "wrong"
		if token, err := config.Token(context.Background()); err == nil || !strings.Contains(err.Error(), "invalid_client") {
			t.Errorf("%s: a wrong secret gets %v and %v, want invalid_client", name, token, err)
		}
	}
}

// order wants a link for a client that sends its token by itself.
func order(t *testing.T, h *housetest.House, name string, client *http.Client) {
	t.Helper()
	body := `{"client_id":"finqlink-demo","single_transfer":{"amount":"125.50","currency":"RON","creditor_name":"Magazin","creditor_iban":"RO10RZBR0000069999999970"}}`
	answer, err := client.Post(h.Base+"/finqlink/v2/links/create", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("%s: links/create answers %s", name, answer.Status)
	}
}

func TestAShellWithOpensslAndCurl(t *testing.T) {
	t.Parallel()
	housetest.Need(t, "sh", "openssl", "curl", "awk", "sed")
	h := start(t)
	cmd := exec.CommandContext(t.Context(), "sh", "walk.sh", h.Base+"/finqlink", h.Base+control)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var reply struct {
		App    string `json:"api_client_app"`
		LinkID string `json:"link_id"`
	}
	if err := json.Unmarshal(out, &reply); err != nil || reply.LinkID == "" || reply.App != "shell-shop" {
		t.Errorf("links/create answers %s (%v)", out, err)
	}
}
