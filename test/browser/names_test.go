package browser

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"
)

// realNames are those by which Link Money's SDK calls, at the port of HTTPS and no other.
var realNames = []string{"client.link-sandbox.money", "client.link.money", "api.link-sandbox.money", "api.link.money", "static.link.money"}

// byRealNames has the browser find mockbank under these names, and trust it there. With certutil the CA is installed as
// people install it, for a home of its own; without, the keys of the certificates are told to the browser.
func byRealNames(dir string) ([]chromedp.ExecAllocatorOption, error) {
	at, err := url.Parse(house.Secure)
	if err != nil {
		return nil, err
	}
	var rules []string
	for _, name := range realNames {
		rules = append(rules, "MAP "+name+" "+at.Host)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.Flag("host-resolver-rules", strings.Join(rules, ","))}
	if _, err := exec.LookPath("certutil"); err != nil {
		keys, err := keysAt(at.Host)
		return append(options, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(keys, ","))), err
	}
	home := filepath.Join(dir, "home")
	return append(options, chromedp.Env("HOME="+home)), install(filepath.Join(dir, "ca", "ca.pem"), filepath.Join(home, ".pki", "nssdb"))
}

// install has the CA trusted by those who look into a database of NSS.
func install(ca, database string) error {
	if err := os.MkdirAll(database, 0o700); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"-N", "--empty-password"}, {"-A", "-t", "C,,", "-n", "mockbank", "-i", ca},
	} {
		if out, err := exec.Command("certutil", append([]string{"-d", "sql:" + database}, args...)...).CombinedOutput(); err != nil {
			return fmt.Errorf("certutil %s: %w: %s", args[0], err, out)
		}
	}
	return nil
}

// keysAt are the hashes of the keys that are shown under the names, in the form in which the browser wants them.
func keysAt(address string) (keys []string, err error) {
	for _, name := range realNames {
		connection, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, InsecureSkipVerify: true}) // It is asked what it shows.
		if err != nil {
			return nil, err
		}
		keys = append(keys, keyOf(connection.ConnectionState().PeerCertificates[0]))
		if err := connection.Close(); err != nil {
			return nil, err
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

func keyOf(certificate *x509.Certificate) string {
	digest := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(digest[:])
}
