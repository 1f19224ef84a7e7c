package rules

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// leaf judges what the client's own certificate says of itself.
func leaf(cert *x509.Certificate, now time.Time) *Broken {
	say := func(rule, reason, remedy string) *Broken { return broken(cert, Leaf, rule, reason, remedy) }
	if b := common(cert, Leaf, now); b != nil {
		return b
	}
	if cert.BasicConstraintsValid && cert.IsCA {
		return say("BasicConstraints", "says CA=true", "issue a certificate of its own to the client, with CA=false")
	}
	if b := purposes(cert); b != nil {
		return b
	}
	if selfSigned(cert) {
		return say("self-signed", "is self-signed", "have a CA sign it; that it is registered as trusted does not help")
	}
	return nil
}

// forbidden are the purposes that a client's certificate must not have besides.
var forbidden = []struct {
	usage x509.ExtKeyUsage
	name  string
}{
	{x509.ExtKeyUsageCodeSigning, "codeSigning"},
	{x509.ExtKeyUsageTimeStamping, "timeStamping"},
	{x509.ExtKeyUsageOCSPSigning, "OCSPSigning"},
}

func purposes(cert *x509.Certificate) *Broken {
	const rule = "ExtendedKeyUsage"
	for _, f := range forbidden {
		if slices.Contains(cert.ExtKeyUsage, f.usage) {
			return broken(cert, Leaf, rule, "holds "+f.name, "issue it without "+f.name)
		}
	}
	if slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return nil
	}
	reason := "does not hold clientAuth"
	switch {
	case len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) == 0:
		reason = "has no ExtendedKeyUsage, so clientAuth is missing"
	case slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny):
		reason = "holds anyExtendedKeyUsage, which does not stand for clientAuth"
	}
	return broken(cert, Leaf, rule, reason, "issue it with clientAuth")
}

// common are the rules of every certificate of a chain.
func common(cert *x509.Certificate, role string, now time.Time) *Broken {
	if b := algorithm(cert, role); b != nil {
		return b
	}
	if len(cert.UnhandledCriticalExtensions) > 0 {
		return broken(cert, role, "critical extension", fmt.Sprintf("has the critical extension %v, which nobody here knows", cert.UnhandledCriticalExtensions[0]), "issue it without")
	}
	return dates(cert, role, now)
}

// leastRSA is the size of the smallest RSA key that is taken, in bits.
const leastRSA = 2048

func algorithm(cert *x509.Certificate, role string) *Broken {
	const rule = "key algorithm"
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < leastRSA {
			return broken(cert, role, rule, fmt.Sprintf("has an RSA key of %d bits", bits), fmt.Sprintf("use one of %d bits or more", leastRSA))
		}
		return nil
	case *ecdsa.PublicKey:
		return nil
	}
	found := "a key of an unknown algorithm"
	if cert.PublicKeyAlgorithm != x509.UnknownPublicKeyAlgorithm {
		found = "an " + cert.PublicKeyAlgorithm.String() + " key"
	}
	return broken(cert, role, rule, "has "+found, "use an RSA or ECDSA key")
}

// dates are judged by the wall clock, as other programs do that see the certificate.
func dates(cert *x509.Certificate, role string, now time.Time) *Broken {
	const rule, wall = "validity", "; the wall clock reads "
	switch {
	case now.Before(cert.NotBefore):
		return broken(cert, role, rule, "is not valid before "+stamp(cert.NotBefore)+wall+stamp(now), "wait, or issue it with an earlier notBefore")
	case now.After(cert.NotAfter):
		return broken(cert, role, rule, "expired at "+stamp(cert.NotAfter)+wall+stamp(now), "renew it")
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// selfSigned tells of a certificate that its own key signed; the names alone prove nothing.
func selfSigned(cert *x509.Certificate) bool {
	return bytes.Equal(cert.RawSubject, cert.RawIssuer) && signedBy(cert, cert) == nil
}

// signedBy verifies a signature, and nothing of what the issuer is.
func signedBy(cert, issuer *x509.Certificate) error {
	return issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
}
