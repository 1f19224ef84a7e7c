package tls

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/housetest"
)

// TestABrowserTrustsWhatIsInstalled: a Chromium whose home is empty refuses the server, and takes it once the CA was
// installed in its database; after the uninstall it refuses it again. No other program of this machine hears of it, since
// the commands that gather its own certificates are not on the path.
func TestABrowserTrustsWhatIsInstalled(t *testing.T) {
	housetest.Need(t, "certutil")
	housetest.Need(t, "chromium")
	h, home, tools := start(t), t.TempDir(), t.TempDir()
	database := filepath.Join(home, ".pki", "nssdb")
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(certutil, filepath.Join(tools, "certutil")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(database, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := said(t, nil, "certutil", "-N", "--empty-password", "-d", "sql:"+database); err != nil {
		t.Fatal(out)
	}
	mockbank := func(command string) {
		t.Helper()
		path, err := program()
		if err != nil {
			t.Fatal(err)
		}
		out, err := said(t, []string{"HOME=" + home, "PATH=" + tools}, path, "ca", command, "--ca", filepath.Dir(h.ca))
		if err != nil || !strings.Contains(out, "browsers ("+database+")") || strings.Contains(out, "this machine") {
			t.Fatalf("ca %s: %v: %s", command, err, out)
		}
	}
	trusts := func() bool {
		t.Helper()
		page, err := said(t, []string{"HOME=" + home}, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--dump-dom",
			h.origin("localhost")+"/finqlink/.well-known/jwks.json")
		if err != nil {
			t.Fatal(page)
		}
		return strings.Contains(page, `"keys"`)
	}
	if trusts() {
		t.Fatal("the server is trusted before anybody installed its CA")
	}
	mockbank("install")
	if !trusts() {
		t.Error("it is not trusted once the CA is installed")
	}
	mockbank("uninstall")
	if trusts() {
		t.Error("it is trusted still")
	}
}
