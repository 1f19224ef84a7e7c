package rules

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// party is a certificate with its key.
type party struct {
	*x509.Certificate
	key crypto.Signer
}

var serials = big.NewInt(0x1000)

func p256() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// issue makes a certificate, by itself where by is nil. Without changes it is a good client's.
func issue(t testing.TB, name string, by *party, key crypto.Signer, changes ...func(*x509.Certificate)) *party {
	t.Helper()
	serials = new(big.Int).Add(serials, big.NewInt(1))
	template := &x509.Certificate{
		SerialNumber: serials, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, change := range changes {
		change(template)
	}
	made := &party{key: key}
	if by == nil {
		by = &party{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Certificate, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	if made.Certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return made
}

func authority(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign }

func usages(all ...x509.ExtKeyUsage) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.ExtKeyUsage = all }
}

func lives(from, to time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.Add(from), now.Add(to) }
}

// family is a root, an intermediate below it, and a client of either.
type family struct{ root, middle, direct, client *party }

func newFamily(t testing.TB) family {
	var f family
	f.root = issue(t, "Root", nil, p256(), authority)
	f.middle = issue(t, "Middle", f.root, p256(), authority)
	f.direct = issue(t, "Client", f.root, p256())
	f.client = issue(t, "Client", f.middle, p256())
	return f
}

func certs(parties ...*party) []*x509.Certificate {
	var all []*x509.Certificate
	for _, p := range parties {
		all = append(all, p.Certificate)
	}
	return all
}

func TestGoodChains(t *testing.T) {
	f := newFamily(t)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	renewed := issue(t, "Root", nil, f.root.key, authority)
	for name, c := range map[string]struct{ chain, trusted []*x509.Certificate }{
		"below the root":              {certs(f.direct), certs(f.root)},
		"the root sent too":           {certs(f.direct, f.root), certs(f.root)},
		"with its intermediate":       {certs(f.client, f.middle), certs(f.root)},
		"in another order":            {certs(f.client, f.root, f.middle), certs(f.root)},
		"strangers among them":        {certs(f.client, newFamily(t).middle, f.middle), certs(f.root)},
		"a registered intermediate":   {certs(f.client), certs(f.middle)},
		"both registered":             {certs(f.client), certs(f.middle, f.root)},
		"two of one key":              {certs(f.direct), certs(renewed, f.root)},
		"several CAs registered":      {certs(f.direct), certs(newFamily(t).root, f.root)},
		"a root renewed with its key": {certs(f.direct), certs(renewed)},
		"an RSA key":                  {certs(issue(t, "RSA", f.root, big)), certs(f.root)},
		"serverAuth besides":          {certs(issue(t, "Both", f.root, p256(), usages(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth))), certs(f.root)},
		"any besides":                 {certs(issue(t, "Any", f.root, p256(), usages(x509.ExtKeyUsageAny, x509.ExtKeyUsageClientAuth))), certs(f.root)},
	} {
		if err := Check(c.chain, c.trusted, now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A CA without clientAuth is against the document's advice, and no more than that.
func TestAdvice(t *testing.T) {
	f := newFamily(t)
	if advice := Advice(certs(f.client, f.middle), certs(f.root)); advice != nil {
		t.Errorf("about a good chain: %q", advice)
	}
	old := issue(t, "Old", nil, p256(), authority, usages())
	chain := certs(issue(t, "Leaf", old, p256()), old)
	if err := Check(chain, certs(old), now); err != nil {
		t.Error(err)
	}
	if advice := Advice(chain, certs(old)); len(advice) != 1 || !strings.Contains(advice[0], `"CN=Old"`) {
		t.Errorf("about a CA without ExtendedKeyUsage: %q", advice)
	}
}

// want is what an error must name: the rule, whose certificate, and words of reason and remedy.
type want struct{ rule, role, subject, words string }

func (w want) check(t *testing.T, name string, err error) {
	t.Helper()
	var b *Broken
	if !errors.As(err, &b) {
		t.Errorf("%s: %v, and no rule", name, err)
		return
	}
	if b.Rule != w.rule || b.Role != w.role || !strings.Contains(b.Subject, w.subject) || !strings.Contains(b.Error(), w.words) {
		t.Errorf("%s: %+v", name, b)
	}
	if b.Remedy == "" || (b.Role != "" && b.Serial == "") || strings.ContainsAny(b.Error(), "\n\r") || len(b.Error()) > 2000 {
		t.Errorf("%s: it is no line with remedy and serial: %q", name, b.Error())
	}
}

// TestF1NoCertificate: a mode that wants one says that there was none.
func TestF1NoCertificate(t *testing.T) {
	want{"certificate", "", "", "none was sent"}.check(t, "nothing", Check(nil, certs(newFamily(t).root), now))
}

func rsaKey(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestLeavesThatBreakARule(t *testing.T) {
	f := newFamily(t)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := func(key crypto.Signer, changes ...func(*x509.Certificate)) *party {
		return issue(t, "Shop", f.root, key, changes...)
	}
	self := issue(t, "Shop", nil, p256())
	names := func(c *x509.Certificate) {
		for i := range 10_000 {
			c.DNSNames = append(c.DNSNames, fmt.Sprintf("h%d.example", i))
		}
	}
	const purpose = "ExtendedKeyUsage"
	for name, c := range map[string]struct {
		leaf *party
		want want
	}{
		"F2 Ed25519":                   {leaf(ed), want{"key algorithm", Leaf, "Shop", "Ed25519"}},
		"F2 RSA-1024":                  {leaf(rsaKey(t, 1024)), want{"key algorithm", Leaf, "Shop", "1024 bits"}},
		"F3 CA=true":                   {leaf(p256(), authority), want{"BasicConstraints", Leaf, "Shop", "CA=true"}},
		"F4 no EKU":                    {leaf(p256(), usages()), want{purpose, Leaf, "Shop", "clientAuth is missing"}},
		"F4 serverAuth only":           {leaf(p256(), usages(x509.ExtKeyUsageServerAuth)), want{purpose, Leaf, "Shop", "does not hold clientAuth"}},
		"F4 any only":                  {leaf(p256(), usages(x509.ExtKeyUsageAny)), want{purpose, Leaf, "Shop", "anyExtendedKeyUsage"}},
		"F5 codeSigning":               {leaf(p256(), usages(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageCodeSigning)), want{purpose, Leaf, "Shop", "holds codeSigning"}},
		"F5 timeStamping":              {leaf(p256(), usages(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageTimeStamping)), want{purpose, Leaf, "Shop", "holds timeStamping"}},
		"F5 OCSPSigning":               {leaf(p256(), usages(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageOCSPSigning)), want{purpose, Leaf, "Shop", "holds OCSPSigning"}},
		"F6 expired":                   {leaf(p256(), lives(-2*time.Hour, -time.Hour)), want{"validity", Leaf, "Shop", "expired at 2026-06-01T11:00:00Z; the wall clock reads 2026-06-01T12:00:00Z"}},
		"F6 not yet valid":             {leaf(p256(), lives(time.Hour, 2*time.Hour)), want{"validity", Leaf, "Shop", "not valid before 2026-06-01T13:00:00Z; the wall clock reads 2026-06-01T12:00:00Z"}},
		"F7 self-signed":               {self, want{"self-signed", Leaf, "Shop", "self-signed"}},
		"F10 10,000 SANs":              {leaf(p256(), names), want{"chain size", Leaf, "Shop", "bytes"}},
		"a critical extension":         {leaf(p256(), func(c *x509.Certificate) { c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3}, Critical: true}} }), want{"critical extension", Leaf, "Shop", "1.2.3"}},
		"a name with a line break":     {issue(t, "Shop\nlevel=INFO", f.root, p256(), usages()), want{purpose, Leaf, "Shop", "clientAuth"}},
		"a name without end":           {issue(t, strings.Repeat("Shop", 5000), f.root, p256(), usages()), want{purpose, Leaf, "Shop", "..."}},
		"many names, below the length": {leaf(p256(), func(c *x509.Certificate) { names(c); c.DNSNames = c.DNSNames[:200] }), want{"SubjectAltName", Leaf, "Shop", "200 names"}},
	} {
		// The pool holds the leaf itself too, which helps none of them.
		c.want.check(t, name, Check(certs(c.leaf), certs(f.root, c.leaf), now))
	}
}

func TestChainsThatBreakARule(t *testing.T) {
	f, other := newFamily(t), newFamily(t)
	below := func(ca *party) *party { return issue(t, "Shop", ca, p256()) }
	noCA := issue(t, "Middle", f.root, p256(), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign })
	noSign := issue(t, "Middle", f.root, p256(), authority, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	oldMiddle := issue(t, "Middle", f.root, p256(), authority, lives(-2*time.Hour, -time.Hour))
	oldRoot := issue(t, "Old Root", nil, p256(), authority, lives(-2*time.Hour, -time.Hour))
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	edRoot := issue(t, "Ed Root", nil, ed, authority)
	short := issue(t, "Short", nil, p256(), authority, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	tooDeep := issue(t, "Middle", short, p256(), authority)
	pretender := issue(t, "Root", nil, p256(), authority)
	for name, c := range map[string]struct {
		chain, trusted []*x509.Certificate
		want           want
	}{
		"F8 unknown CA":           {certs(other.direct), certs(issue(t, "Our Root", nil, p256(), authority)), want{"unknown CA", Leaf, "Client", `issued by "CN=Root", which is neither registered nor sent along; registered are "CN=Our Root"`}},
		"F8 missing intermediate": {certs(f.client), certs(f.root), want{"unknown CA", Leaf, "Client", `issued by "CN=Middle"`}},
		"F8 no CA registered":     {certs(f.direct), nil, want{"unknown CA", Leaf, "Client", "no CA is registered"}},
		"F8 a root of one's own":  {certs(other.client, other.middle, other.root), certs(f.middle), want{"unknown CA", Intermediate, "Root", "not registered"}},
		"F8 only a namesake":      {certs(f.direct), certs(pretender), want{"signature", Leaf, "Client", "not signed with that one's key"}},
		"F9 issuer CA=false":      {certs(below(noCA), noCA), certs(f.root), want{"BasicConstraints", Intermediate, "Middle", "CA=true"}},
		"F9 no keyCertSign":       {certs(below(noSign), noSign), certs(f.root), want{"KeyUsage", Intermediate, "Middle", "keyCertSign"}},
		"F9 intermediate expired": {certs(below(oldMiddle), oldMiddle), certs(f.root), want{"validity", Intermediate, "Middle", "expired at"}},
		"F9 root expired":         {certs(below(oldRoot)), certs(oldRoot), want{"validity", Root, "Old Root", "expired at"}},
		"F9 root of Ed25519":      {certs(below(edRoot)), certs(edRoot), want{"key algorithm", Root, "Ed Root", "Ed25519"}},
		"F9 path too long":        {certs(below(tooDeep), tooDeep), certs(short), want{"BasicConstraints", Root, "Short", "allows 0 CAs"}},
		"F9 below a leaf":         {certs(issue(t, "Shop", f.direct, p256()), f.direct), certs(f.root), want{"BasicConstraints", Intermediate, "Client", "CA=true"}},
		"F10 100 certificates":    {certs(append([]*party{f.client}, slices.Repeat([]*party{f.middle}, 99)...)...), certs(f.root), want{"chain length", Leaf, "Client", "100 certificates"}},
	} {
		c.want.check(t, name, Check(c.chain, c.trusted, now))
	}
}

// Namesakes on every floor would have a search take every way; it is bounded, and ends in a refusal.
func TestF10NamesakesAreBounded(t *testing.T) {
	root := issue(t, "Root", nil, p256(), authority)
	key := p256()
	first := issue(t, "Same", nil, key, authority)
	chain := certs(issue(t, "Shop", first, p256()))
	for range maxChain - 1 {
		chain = append(chain, issue(t, "Same", first, key, authority).Certificate)
	}
	begun := time.Now()
	err := Check(chain, certs(root), now)
	if took := time.Since(begun); err == nil || took > time.Second {
		t.Errorf("%v after %s", err, took)
	}
}

func TestParseTrust(t *testing.T) {
	f := newFamily(t)
	block := func(p *party) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Raw}))
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}))
	one := block(f.root)
	lines := strings.Count(one, "\n")
	for text, want := range map[string]string{
		one: "", one + "\n\n" + block(f.middle): "", "Bag Attributes\n  x: y\n" + one: "", strings.ReplaceAll(one, "\n", "\r\n"): "",
		"": "empty", " \n": "empty", "nonsense": "line 1: it is not PEM",
		one + key: fmt.Sprintf("line %d: it holds a PRIVATE KEY", lines+1), key: "line 1: it holds a PRIVATE KEY",
		one + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n": fmt.Sprintf("line %d: the certificate can not be read", lines+1),
		one + "-----BEGIN CERTIFICATE-----\nMAA=\n":                            fmt.Sprintf("line %d: the PEM block can not be read", lines+1),
		"-----BEGIN CERTIFICATE-----\n!!\n" + one:                              "line 1: the PEM block can not be read",
	} {
		certs, err := ParseTrust([]byte(text))
		switch {
		case want == "" && (err != nil || len(certs) == 0):
			t.Errorf("%.60q: %v, %v", text, certs, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

// TestAnyFaultIsEnough: whatever faults come together, and however long the chain is, the certificate is refused; and
// without any it is taken.
func TestAnyFaultIsEnough(t *testing.T) {
	root := issue(t, "Root", nil, p256(), authority)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spoils := []func(*x509.Certificate){
		authority, usages(), usages(x509.ExtKeyUsageAny), lives(-2*time.Hour, -time.Hour), lives(time.Hour, 2*time.Hour),
		func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) },
	}
	rapid.Check(t, func(r *rapid.T) {
		chain, by := []*party{}, root
		for i := range rapid.IntRange(0, 3).Draw(r, "intermediates") {
			by = issue(t, fmt.Sprintf("CA %d", i), by, p256(), authority)
			chain = append([]*party{by}, chain...)
		}
		var chosen []func(*x509.Certificate)
		for i, spoil := range spoils {
			if rapid.IntRange(0, 4).Draw(r, fmt.Sprintf("fault %d", i)) == 0 {
				chosen = append(chosen, spoil)
			}
		}
		key, edwards := p256(), rapid.IntRange(0, 4).Draw(r, "Ed25519") == 0
		if edwards {
			key = ed
		}
		leaf := issue(t, "Shop", by, key, chosen...)
		err := Check(certs(append([]*party{leaf}, chain...)...), certs(root), now)
		if good := len(chosen) == 0 && !edwards; good != (err == nil) {
			r.Fatalf("%d faults, Ed25519 %t: %v", len(chosen), edwards, err)
		}
	})
}

// FuzzCheck has chains of any bytes that are certificates at all.
func FuzzCheck(f *testing.F) {
	family := newFamily(f)
	f.Add(family.client.Raw, family.middle.Raw)
	f.Add(family.root.Raw, family.root.Raw)
	f.Fuzz(func(t *testing.T, leaf, issuer []byte) {
		first, err := x509.ParseCertificate(leaf)
		if err != nil {
			return
		}
		second, err := x509.ParseCertificate(issuer)
		if err != nil {
			return
		}
		trusted := certs(family.root)
		if err := Check([]*x509.Certificate{first, second}, trusted, now); err != nil {
			return
		}
		roots, middles := x509.NewCertPool(), x509.NewCertPool()
		roots.AddCert(family.root.Certificate)
		middles.AddCert(second)
		if _, err := first.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middles, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
			t.Fatalf("it passes here, and not with crypto/x509: %v", err)
		}
	})
}

func FuzzParseTrust(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: newFamily(f).root.Raw}))
	f.Fuzz(func(t *testing.T, text []byte) {
		if certs, err := ParseTrust(text); (err == nil) == (len(certs) == 0) {
			t.Fatalf("%d certificates and %v", len(certs), err)
		}
	})
}
