package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// Error lets a failure travel as the error of an exchange.
func (f *Failure) Error() string { return string(f.Class) + ": " + f.Message }

// classify says for people why an exchange failed.
func classify(err error, timeout time.Duration) *Failure {
	var own *Failure
	var blocked *blockedError
	var dns *net.DNSError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &blocked):
		return &Failure{ClassBlocked, blocked.Error()}
	case errors.As(err, &dns):
		return dnsFailure(dns)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return &Failure{ClassTimeout, fmt.Sprintf("The receiver did not answer within %s", timeout)}
	}
	if f := lineFailure(err); f != nil {
		return f
	}
	return protocolFailure(err)
}

// lineFailure says what is wrong with the connection, whatever is spoken over it; nil: nothing that is known.
func lineFailure(err error) *Failure {
	if f := tlsFailure(err); f != nil {
		return f
	}
	return connectionFailure(err)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

func dnsFailure(err *net.DNSError) *Failure {
	switch {
	case err.IsNotFound:
		return &Failure{ClassDNS, fmt.Sprintf("There is no host %s", clean(err.Name))}
	case err.IsTimeout:
		return &Failure{ClassDNS, fmt.Sprintf("The name server did not answer in time for %s", clean(err.Name))}
	}
	return &Failure{ClassDNS, fmt.Sprintf("The name server gave no address for %s", clean(err.Name))}
}

func tlsFailure(err error) *Failure {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		name      x509.HostnameError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return tlsf("nobody whom mockbank trusts signed the receiver's certificate, or it is self-signed; trust its CA, or allow insecure TLS for it")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return tlsf("the receiver's certificate is expired or not valid yet")
	case errors.As(err, &invalid):
		return tlsf("the receiver's certificate is not valid: %s", clean(invalid.Error()))
	case errors.As(err, &name):
		return tlsf("the receiver's certificate is for another host name")
	case errors.As(err, &record):
		return tlsf("the receiver does not speak TLS on this port; is it http:// rather than https://?")
	case strings.Contains(err.Error(), "protocol version"): // the receiver's alert has no type
		return tlsf("the receiver speaks only versions of TLS that are no longer in use")
	case strings.Contains(err.Error(), "tls: "):
		return tlsf("no session could be set up: %s", clean(err.Error()))
	}
	return nil
}

func tlsf(format string, args ...any) *Failure {
	return &Failure{ClassTLS, "TLS: " + fmt.Sprintf(format, args...)}
}

func connectionFailure(err error) *Failure {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Failure{ClassRefused, "Nobody listens at this address; is the receiver running?"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return &Failure{ClassUnreachable, "There is no way to this address"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Failure{ClassReset, "The receiver cut the connection before its answer was whole"}
	}
	return nil
}

// protocolFailure tells by their text the errors for which net/http has no type.
func protocolFailure(err error) *Failure {
	text := err.Error()
	switch {
	case strings.Contains(text, "response headers exceeded"), strings.Contains(text, "1xx"), strings.Contains(text, "header too long"):
		return &Failure{ClassTooLarge, "The answer's headers are longer than 64 kB"}
	case strings.Contains(text, "server closed"):
		return &Failure{ClassReset, "The receiver cut the connection before its answer was whole"}
	}
	return &Failure{ClassNotHTTP, "The answer is no HTTP that can be read: " + clean(text)}
}
