package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused starts a mockbank with a configuration and files beside it, and wants that it says why it does not serve.
// DIR stands for the folder in what is wanted.
func refused(t *testing.T, dir, file string, want ...string) {
	t.Helper()
	path := filepath.Join(dir, "mockbank.yaml")
	write(t, path, "listen: ['127.0.0.1:0']\n"+file, 0o600)
	var out, complaint bytes.Buffer
	if code := run(t.Context(), []string{"--config", path}, &out, &complaint); code != exitFailure {
		t.Errorf("exit code %d: %s", code, out.String())
	}
	for _, part := range want {
		part = strings.ReplaceAll(part, "DIR", dir)
		if !strings.Contains(complaint.String(), part) {
			t.Errorf("want %s\ngot  %s", part, complaint.String())
		}
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask takes away
		t.Fatal(err)
	}
}

// pair is a pair of keys in PEM.
func pair(t *testing.T) (public, private string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	open, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	closed, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(sort string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: sort, Bytes: data}))
	}
	return encoded("PUBLIC KEY", open), encoded("PRIVATE KEY", closed)
}

// shop is a configuration with one client, of which this is said.
func shop(said string) string {
	return "workspaces:\n  default:\n    clients:\n      finqlink:\n        shop:\n          " + said + "\n"
}

func TestK10KeysAndSecretsOfTheWrongKind(t *testing.T) {
	dir := t.TempDir()
	public, private := pair(t)
	for name, text := range map[string]string{
		"public.pem": public, "private.pem": private, "words": "no key", "blank": " \n", "broken.json": `{"keys":[`,
		"private.json": `{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"AA","y":"AA","d":"AA"}]}`, "long": strings.Repeat("k", maxClientFile+1),
	} {
		write(t, filepath.Join(dir, name), text, 0o600)
	}
	write(t, filepath.Join(dir, "told"), "s3cret\n", 0o644)
	const place = "DIR/mockbank.yaml:7:11: "
	for said, want := range map[string]string{
		"public_key_file: private.pem":  "public_key_file DIR/private.pem: app: the configuration of workspace \"default\": /clients/finqlink/shop/public_key_pem: PEM block 1 (PRIVATE KEY): this is a private key",
		"public_key_file: words":        "public_key_file DIR/words: ",
		"public_key_file: blank":        "public_key_file: DIR/blank is empty",
		"public_key_file: nowhere.pem":  "public_key_file: the file can not be read: stat DIR/nowhere.pem: no such file",
		"public_key_file: /dev/zero":    "public_key_file: /dev/zero is not a regular file",
		"public_key_file: .":            "public_key_file: DIR is not a regular file",
		"public_key_file: long":         "public_key_file: DIR/long is longer than 64 kB",
		"public_key_file: 5":            "public_key_file: here stands no path",
		"public_key_file:":              "public_key_file: here stands no path",
		"jwks_file: public.pem":         "jwks_file: DIR/public.pem holds PEM, and a JWK set is due; name it with public_key_file",
		"jwks_file: broken.json":        "jwks_file: DIR/broken.json: a JWK set is due, and this is ",
		"jwks_file: private.json":       "jwks_file DIR/private.json: app: the configuration of workspace \"default\": /clients/finqlink/shop/jwks/keys/0/d: this is a private key",
		"ca_file: public.pem":           "ca_file DIR/public.pem: app: the configuration of workspace \"default\": /clients/finqlink/shop/ca_pem: ca_pem: line 1: it holds a PUBLIC KEY, and should hold certificates only",
		"ca_file: private.pem":          "ca_pem: line 1: it holds a PRIVATE KEY",
		"secret_file: told":             "secret_file: DIR/told holds a secret, and its mode 0644 lets everybody read or change it; run chmod 600 DIR/told",
		"secret_file: public.pem":       "secret_file: DIR/public.pem holds PEM, and a shared secret is due",
		"secret_file: private.pem":      "a private key stays with the client",
		"{secret_file: x, secret: 'x'}": "give secret_file or secret, not both",
	} {
		t.Run(said, func(t *testing.T) {
			at := place
			if strings.HasPrefix(said, "{") {
				at = "DIR/mockbank.yaml:7:12: "
			}
			refused(t, dir, shop(said), at, want)
		})
	}
}

func TestK12TwoClientsWithOneName(t *testing.T) {
	const jwks = "{keys: [{kty: EC, kid: mine, crv: P-256, x: AA, y: AA}]}"
	two := func(first, second string) string {
		return "workspaces:\n  default:\n    clients:\n      finqlink:\n        b: {" + first + "}\n        a: {" + second + "}\n"
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "keys.json"), `{"kty":"EC","kid":"mine"}`, 0o644)
	for name, tt := range map[string]struct{ file, want string }{
		"one id":   {"workspaces:\n  default:\n    clients:\n      finqlink:\n        a: {}\n        a: {}\n", `mockbank.yaml:7:9: mapping key "a" already defined at [6:9]`},
		"one name": {two("name: Shop", "secret: x, name: Shop"), `mockbank.yaml:6:13: the name "Shop" is also that of the client a, at DIR/mockbank.yaml:7:24; give each client its own`},
		"one kid":  {two("kid: mine", "jwks: "+jwks), `mockbank.yaml:6:13: the kid "mine" is also that of the client a, at DIR/mockbank.yaml:7:13; give each client its own`},
		"one kid of a file": {two("jwks_file: keys.json", "jwks: "+jwks),
			`mockbank.yaml:6:13: the kid "mine" is also that of the client a, at DIR/mockbank.yaml:7:13; give each client its own`},
		"a key twice":       {"workspaces:\n  default: {seed: 1,\n    seed: 2}\n", `mockbank.yaml:4:5: mapping key "seed" already defined at [3:13]`},
		"a workspace twice": {"workspaces:\n  a: {}\n  a: {}\n", `mockbank.yaml:4:3: mapping key "a" already defined at [3:3]`},
	} {
		t.Run(name, func(t *testing.T) { refused(t, dir, tt.file, tt.want) })
	}
}

func TestK13AWebhookURLThatIsNone(t *testing.T) {
	dir := t.TempDir()
	for said, want := range map[string]string{
		"webhook_url: ${NO_SUCH_HOOK}": "mockbank.yaml:4:18: there is no variable NO_SUCH_HOOK in the environment; set it",
		"webhook_url:":                 "mockbank.yaml:4:5: app: the configuration of workspace \"default\": /webhook_url must not be null",
		"webhook_url: shop.example":    "mockbank.yaml:4:5: app: the configuration of workspace \"default\": /webhook_url: The webhook URL must begin with http:// or https://",
		"webhook_url: http://u:p@shop": "/webhook_url: The webhook URL holds a user name or a password",
		"webhook_ulr: http://shop":     "mockbank.yaml:4:5: app: the configuration of workspace \"default\": /webhook_ulr is not known here: did you mean webhook_url?",
	} {
		t.Run(said, func(t *testing.T) {
			refused(t, dir, "workspaces:\n  default:\n    "+said+"\n", want)
		})
	}
	t.Run("of a client", func(t *testing.T) {
		refused(t, dir, shop("webhook_url: ftp://x"), "DIR/mockbank.yaml:7:11: ", "/clients/finqlink/shop/webhook_url: The webhook URL must begin with")
	})
	t.Run("no name of a workspace", func(t *testing.T) {
		refused(t, dir, "workspaces:\n  Shop_1: {seed: 1}\n", "DIR/mockbank.yaml:3:3: ", "1 to 40 characters")
	})
}
