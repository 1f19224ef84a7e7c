package rules

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// ParseTrust reads the PEM of certificates that are trusted. Text around the blocks is skipped, as openssl writes it.
// Its errors name the line.
func ParseTrust(text []byte) ([]*x509.Certificate, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fmt.Errorf("it is empty, and should hold certificates in PEM")
	}
	var certs []*x509.Certificate
	for rest := text; ; {
		line := 1 + bytes.Count(text[:len(text)-len(rest)+start(rest)], []byte("\n"))
		block, left := pem.Decode(rest)
		switch {
		case bytes.Count(rest[:len(rest)-len(left)], begin) > 1, block == nil && start(rest) < len(rest): // Decode skips what it can not read.
			return nil, fmt.Errorf("line %d: the PEM block can not be read", line)
		case block == nil && len(certs) == 0:
			return nil, fmt.Errorf("line 1: it is not PEM, and should hold certificates: -----BEGIN CERTIFICATE-----")
		case block == nil:
			return certs, nil
		case block.Type != "CERTIFICATE":
			return nil, fmt.Errorf("line %d: it holds a %s, and should hold certificates only", line, name(block.Type))
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("line %d: the certificate can not be read: %w", line, err)
		}
		certs, rest = append(certs, cert), left
	}
}

var begin = []byte("-----BEGIN ")

// start is where the next block begins; the end where none does.
func start(text []byte) int {
	if i := bytes.Index(text, begin); i >= 0 {
		return i
	}
	return len(text)
}
