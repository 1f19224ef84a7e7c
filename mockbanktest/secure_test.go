package mockbanktest_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/mockbanktest"
)

const realOrder = `{"client_id": "finqlink-demo", "client_secret": "finqlink-demo-secret", "single_transfer": {"amount": "125.50",
	"currency": "RON", "creditor_name": "Magazin Exemplu SRL", "creditor_iban": "RO10RZBR0000069999999970"}}`

// An application that calls the provider's real address is given the server's client, and nothing else changes.
func ExampleServer_Client() {
	srv, err := mockbanktest.New()
	if err != nil {
		panic(err)
	}
	defer srv.Close()

	reply, err := srv.Client().Post("https://sandbox-pay.finqware.com/v2/links/create", "application/json", strings.NewReader(realOrder))
	if err != nil {
		panic(err)
	}
	defer reply.Body.Close()
	var link struct {
		WebURL string `json:"web_url"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&link); err != nil {
		panic(err)
	}
	fmt.Println(strings.HasPrefix(link.WebURL, "https://sandbox-pay.finqware.com/web/"))
	// Output: true
}

// TestSecureOrigin: whoever trusts the pool is served, and nobody else.
func TestSecureOrigin(t *testing.T) {
	for trust, want := range map[*tls.Config]bool{{RootCAs: srv.CertPool()}: true, {}: false} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
		reply, err := client.Get(srv.SecureOrigin() + "/_mockbank/v1/health")
		if err == nil {
			_, err = io.Copy(io.Discard, reply.Body)
			_ = reply.Body.Close() // It was read to its end.
		}
		if (err == nil) != want {
			t.Errorf("served: %v, want %t", err, want)
		}
		client.CloseIdleConnections()
	}
}

// TestClientTakesOnlyHTTPS and says so.
func TestClientTakesOnlyHTTPS(t *testing.T) {
	reply, err := srv.Client().Get("http://onelink.pay1.de/")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "HTTPS server") {
		t.Errorf("%s: %v: %s", reply.Status, err, text)
	}
}
