package pki_test

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/pki"
)

func verify(issued *pki.Issued, root *x509.Certificate, host string, now time.Time, usage x509.ExtKeyUsage) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	for _, link := range issued.Chain[1:] {
		between.AddCert(link)
	}
	_, err := issued.Chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, DNSName: host, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}

// TestAGoodOne passes for what it was ordered for, with every kind of key, and for nothing else.
func TestAGoodOne(t *testing.T) {
	a := authority(t)
	for _, key := range []pki.KeyKind{"", pki.P256, pki.P384, pki.RSA2048} {
		server := issue(t, a, pki.Order{Names: []string{"onelink.pay1.de", "10.1.2.3", "*.example.test", "::1"}, Key: key})
		for _, host := range []string{"onelink.pay1.de", "10.1.2.3", "a.example.test", "::1"} {
			if err := verify(server, a.Certificate, host, today, x509.ExtKeyUsageServerAuth); err != nil {
				t.Errorf("%s for %s: %v", key, host, err)
			}
		}
		client := issue(t, a, pki.Order{Names: []string{"Some Client, Ltd"}, Client: true, Key: key})
		if err := verify(client, a.Certificate, "", today, x509.ExtKeyUsageClientAuth); err != nil {
			t.Errorf("%s for a client: %v", key, err)
		}
		if verify(client, a.Certificate, "", today, x509.ExtKeyUsageServerAuth) == nil || verify(server, a.Certificate, "", today, x509.ExtKeyUsageClientAuth) == nil {
			t.Errorf("%s: a client's certificate is good for a server, or a server's for a client", key)
		}
		if err := verify(server, authority(t).Certificate, "onelink.pay1.de", today, x509.ExtKeyUsageServerAuth); err == nil {
			t.Errorf("%s: another authority vouches for it", key)
		}
	}
}

// TestBrowsersTakeIt: they want at most 398 days, a name where names belong, and a serial with chance in it.
func TestBrowsersTakeIt(t *testing.T) {
	a, seen := authority(t), map[string]bool{}
	for range 50 {
		leaf := issue(t, a, pki.Order{Names: []string{"localhost"}}).Chain[0]
		serial := leaf.SerialNumber
		if seen[serial.String()] || serial.Sign() <= 0 || serial.BitLen() != 127 {
			t.Fatalf("the serial %x is known, or not of 127 bits", serial)
		}
		seen[serial.String()] = true
		if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 398*24*time.Hour || len(leaf.DNSNames) != 1 || leaf.IsCA {
			t.Fatalf("it lives %s, for %v, CA=%t", life, leaf.DNSNames, leaf.IsCA)
		}
	}
}

// faultCases says of each fault how it shows: by what Go's own verification finds, or, where that finds nothing, on the
// certificate itself.
var faultCases = map[string]func(issued *pki.Issued, failed error) bool{
	"expired":              invalid(x509.Expired),
	"not-yet-valid":        invalid(x509.Expired),
	"long-lived":           leaf(func(c *x509.Certificate) bool { return c.NotAfter.Sub(c.NotBefore) > 3000*24*time.Hour }),
	"self-signed":          unknown,
	"unknown-ca":           unknown,
	"root-expired":         unknown,
	"missing-intermediate": unknown,
	"issuer-not-ca":        unknown,
	"issuer-no-cert-sign":  unknown,
	"issuer-expired":       invalid(x509.Expired),
	"wrong-name":           hostname,
	"no-name":              hostname,
	"is-ca":                leaf(func(c *x509.Certificate) bool { return c.IsCA }),
	"no-usage":             leaf(func(c *x509.Certificate) bool { return len(c.ExtKeyUsage) == 0 }),
	"no-client-auth":       invalid(x509.IncompatibleUsage),
	"server-auth": leaf(func(c *x509.Certificate) bool {
		return slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth})
	}),
	"client-auth": invalid(x509.IncompatibleUsage),
	"any-only": leaf(func(c *x509.Certificate) bool {
		return slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageAny})
	}),
	"code-signing":  also(x509.ExtKeyUsageCodeSigning),
	"time-stamping": also(x509.ExtKeyUsageTimeStamping),
	"ocsp-signing":  also(x509.ExtKeyUsageOCSPSigning),
	"ed25519":       leaf(func(c *x509.Certificate) bool { _, is := c.PublicKey.(ed25519.PublicKey); return is }),
	"rsa-1024": leaf(func(c *x509.Certificate) bool {
		key, is := c.PublicKey.(*rsa.PublicKey)
		return is && key.N.BitLen() == 1024
	}),
	"long-chain": func(i *pki.Issued, _ error) bool { return len(i.Chain) == 101 },
	"many-names": leaf(func(c *x509.Certificate) bool { return len(c.DNSNames) > 10_000 }),
	"large":      leaf(func(c *x509.Certificate) bool { return len(c.Raw) > 1<<20 }),
}

func invalid(reason x509.InvalidReason) func(*pki.Issued, error) bool {
	return func(_ *pki.Issued, failed error) bool {
		var found x509.CertificateInvalidError
		return errors.As(failed, &found) && found.Reason == reason || failed != nil && strings.Contains(failed.Error(), x509.CertificateInvalidError{Reason: reason}.Error())
	}
}

func unknown(_ *pki.Issued, failed error) bool {
	var found x509.UnknownAuthorityError
	return errors.As(failed, &found)
}

func hostname(_ *pki.Issued, failed error) bool {
	var found x509.HostnameError
	return errors.As(failed, &found)
}

func leaf(shows func(*x509.Certificate) bool) func(*pki.Issued, error) bool {
	return func(i *pki.Issued, failed error) bool { return failed == nil && shows(i.Chain[0]) }
}

func also(usage x509.ExtKeyUsage) func(*pki.Issued, error) bool {
	return leaf(func(c *x509.Certificate) bool { return len(c.ExtKeyUsage) == 2 && c.ExtKeyUsage[1] == usage })
}

func TestFaults(t *testing.T) {
	a := authority(t)
	for _, fault := range pki.Faults {
		shows := faultCases[fault.Name]
		if shows == nil {
			t.Errorf("no case for the fault %s", fault.Name)
			continue
		}
		issued := issue(t, a, pki.Order{Names: []string{"localhost"}, Fault: fault.Name})
		if failed := verify(issued, a.Certificate, "localhost", today, x509.ExtKeyUsageServerAuth); !shows(issued, failed) {
			t.Errorf("%s does not show: %v", fault.Name, failed)
		}
	}
	if len(faultCases) != len(pki.Faults) {
		t.Errorf("%d cases for %d faults", len(faultCases), len(pki.Faults))
	}
}

// TestOneFaultOnly: whoever trusts the other root finds nothing else wrong.
func TestOneFaultOnly(t *testing.T) {
	a := authority(t)
	for _, fault := range []string{"self-signed", "unknown-ca"} {
		issued := issue(t, a, pki.Order{Names: []string{"localhost"}, Fault: fault})
		if err := verify(issued, issued.Root, "localhost", today, x509.ExtKeyUsageServerAuth); err != nil {
			t.Errorf("%s, with its root: %v", fault, err)
		}
	}
	issued := issue(t, a, pki.Order{Names: []string{"localhost"}, Fault: "root-expired"})
	if err := verify(issued, issued.Root, "localhost", today, x509.ExtKeyUsageServerAuth); !invalid(x509.Expired)(nil, err) {
		t.Errorf("root-expired, with its root: %v", err)
	}
}

func TestOrdersThatAreRefused(t *testing.T) {
	a := authority(t)
	for want, order := range map[string]pki.Order{
		"name a host":         {},
		"say --client":        {Names: []string{"Some Client"}},
		"no keys of kind":     {Names: []string{"localhost"}, Key: "dsa"},
		"self-signed":         {Names: []string{"localhost"}, Fault: "selfsigned"},
		`in the way "broken"`: {Names: []string{"c"}, Client: true, Fault: "broken"},
	} {
		if _, err := a.Issue(order); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", order, err, want)
		}
	}
}

// TestAnyName gives an error or a certificate that passes for just that name, never a panic.
func TestAnyName(t *testing.T) {
	a := authority(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`(\*\.)?[a-z0-9-]{1,70}(\.[a-z0-9-]{1,20}){0,3}`)).Draw(t, "name")
		issued, err := a.Issue(pki.Order{Names: []string{name}})
		if err != nil {
			return
		}
		if err := verify(issued, a.Certificate, strings.Replace(name, "*", "any", 1), today, x509.ExtKeyUsageServerAuth); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
	})
}
