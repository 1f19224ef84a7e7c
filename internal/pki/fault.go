package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"time"
)

// Fault is one thing that is wrong with a certificate, while all else about it is right.
type Fault struct {
	Name string
	Says string // what a client or a server should find

	spoil func(*draft) error
}

// How much of everything the unbounded faults have.
const (
	manyLinks = 100
	manyNames = 10_000
	manyBytes = 1 << 20
)

const day = 24 * time.Hour

// Faults are all that can be ordered, in the order in which help shows them.
var Faults = []Fault{
	{"expired", "ended yesterday", change(func(d *draft) { d.leaf.NotBefore, d.leaf.NotAfter = d.now.Add(-30*day), d.now.Add(-day) })},
	{"not-yet-valid", "begins tomorrow", change(func(d *draft) { d.leaf.NotBefore = d.now.Add(day) })},
	{"long-lived", "is valid for ten years; browsers take 398 days of a server's", change(func(d *draft) { d.leaf.NotAfter = d.now.Add(3650 * day) })},
	{"self-signed", "is signed by itself", change(func(d *draft) { d.alone = true })},
	{"unknown-ca", "is signed by a CA that nobody has heard of", otherRoot(0, authorityLife)},
	{"root-expired", "is signed by another CA, which ended yesterday", otherRoot(-30*day, -day)},
	{"missing-intermediate", "was signed by an intermediate that is not sent along", below(1, func(d *draft) { d.hidden = true })},
	{"issuer-not-ca", "was signed by an intermediate that is no CA", below(1, func(d *draft) { d.middle[0].IsCA = false })},
	{"issuer-no-cert-sign", "was signed by an intermediate whose key usage lacks keyCertSign",
		below(1, func(d *draft) { d.middle[0].KeyUsage = x509.KeyUsageCRLSign })},
	{"issuer-expired", "was signed by an intermediate that ended yesterday",
		below(1, func(d *draft) { d.middle[0].NotBefore, d.middle[0].NotAfter = d.now.Add(-30*day), d.now.Add(-day) })},
	{"wrong-name", "is a server's for other.invalid", change(func(d *draft) { d.leaf.IPAddresses, d.leaf.DNSNames = nil, []string{"other.invalid"} })},
	{"no-name", "names its host as the subject only", change(func(d *draft) { d.leaf.IPAddresses, d.leaf.DNSNames = nil, nil })},
	{"is-ca", "says CA=true", change(func(d *draft) { d.leaf.IsCA, d.leaf.KeyUsage = true, d.leaf.KeyUsage|x509.KeyUsageCertSign })},
	{"no-usage", "has no extended key usage", usage()},
	{"no-client-auth", "is for e-mail only", usage(x509.ExtKeyUsageEmailProtection)},
	{"server-auth", "is for servers only", usage(x509.ExtKeyUsageServerAuth)},
	{"client-auth", "is for clients only", usage(x509.ExtKeyUsageClientAuth)},
	{"any-only", "is for anyExtendedKeyUsage only", usage(x509.ExtKeyUsageAny)},
	{"code-signing", "is also for signing code", alsoFor(x509.ExtKeyUsageCodeSigning)},
	{"time-stamping", "is also for time stamps", alsoFor(x509.ExtKeyUsageTimeStamping)},
	{"ocsp-signing", "is also for OCSP answers", alsoFor(x509.ExtKeyUsageOCSPSigning)},
	{"ed25519", "has an Ed25519 key", change(func(d *draft) { d.key = edwards })},
	{"rsa-1024", "has an RSA key of 1024 bits", change(func(d *draft) { d.key = rsa1024 })},
	{"long-chain", "comes with 100 intermediates", below(manyLinks, func(*draft) {})},
	{"many-names", "has 10,000 names more", change(func(d *draft) { d.leaf.DNSNames = append(d.leaf.DNSNames, names(manyNames)...) })},
	{"large", "is a megabyte long", change(func(d *draft) { d.leaf.ExtraExtensions = []pkix.Extension{filler(manyBytes)} })},
}

func findFault(name string) (Fault, error) {
	var known []string
	for _, fault := range Faults {
		if fault.Name == name {
			return fault, nil
		}
		known = append(known, fault.Name)
	}
	return Fault{}, fmt.Errorf("pki: certificates can not be broken in the way %q; the ways are %s", name, strings.Join(known, ", "))
}

func change(how func(*draft)) func(*draft) error {
	return func(d *draft) error {
		how(d)
		return nil
	}
}

func usage(all ...x509.ExtKeyUsage) func(*draft) error {
	return change(func(d *draft) { d.leaf.ExtKeyUsage = all })
}

func alsoFor(more x509.ExtKeyUsage) func(*draft) error {
	return change(func(d *draft) { d.leaf.ExtKeyUsage = append(d.leaf.ExtKeyUsage, more) })
}

// otherRoot has the certificate end at an authority that is made for it alone.
func otherRoot(from, to time.Duration) func(*draft) error {
	return func(d *draft) (err error) {
		d.root, err = makeFor(d.now.Add(from-skew), d.now.Add(to), d.root.wall, d.root.rand)
		return err
	}
}

// below puts authorities between root and leaf, and then does something to them.
func below(links int, how func(*draft)) func(*draft) error {
	return change(func(d *draft) {
		for i := range links {
			d.middle = append(d.middle, &x509.Certificate{
				Subject:   pkix.Name{CommonName: fmt.Sprintf("mockbank intermediate CA %d", i+1), Organization: []string{organization}},
				NotBefore: d.now.Add(-skew), NotAfter: d.now.Add(authorityLife / 2),
				IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
			})
		}
		how(d)
	})
}

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("host-%d.invalid", i)
	}
	return all
}

// filler is an extension under the arc that X.660 keeps for examples: nobody knows it, and nobody has to.
func filler(n int) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 1}, Value: make([]byte, n)}
}
