package tls

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

// TestUnmodifiedClients: clients that call a provider by its real name and the usual port, and know nothing of mockbank.
func TestUnmodifiedClients(t *testing.T) {
	housetest.Need(t, "unshare", "ip", "mount", "curl", "sh")
	if out, err := said(t, nil, "unshare", "-Urnm", "sh", "-c", "ip link set lo up"); err != nil {
		housetest.Missing(t, "this machine gives nobody a network of their own ("+out+")")
	}
	mockbank, err := program()
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/real.sh")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	out, err := said(t, nil, "unshare", "-Urnm", "sh", script, mockbank, t.TempDir(), examples)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wants := []string{
		`curl: .*"web_url":"https://sandbox-pay\.finqware\.com/`,
		`curl, without the CA: .*certificate`,
	}
	if _, err := exec.LookPath("node"); err == nil {
		wants = append(wants, `node: # pass 1`)
	}
	if _, err := os.Stat("/etc/ca-certificates.conf"); err == nil {
		wants = append(wants, `update-ca-certificates\) trusts the CA`, `curl, installed: 401`, `update-ca-certificates\) has forgotten the CA`, `curl, uninstalled: .*certificate`)
	}
	for _, want := range wants {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("there is no %s in\n%s", want, out)
		}
	}
}
