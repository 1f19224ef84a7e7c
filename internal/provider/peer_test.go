package provider

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// named is a certificate that is nothing but a name.
func named(t *testing.T, name string) (*x509.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

var errUntrusted = errors.New("untrusted")

// pinning trusts the very certificates that are registered.
func pinning(p *Provider) {
	p.Certificates = &Certificates{
		Check: func(chain, trusted []*x509.Certificate, wall time.Time) error {
			for _, t := range trusted {
				if len(chain) > 0 && t.Equal(chain[0]) && wall.Equal(start) {
					return nil
				}
			}
			return errUntrusted
		},
		Advise:      func(_, trusted []*x509.Certificate) []string { return make([]string, len(trusted)) },
		AtHandshake: func(settings map[string]any) bool { return settings["webhook_alg"] != "RS256" },
	}
}

func TestCertificatesAreJudgedByTheirClient(t *testing.T) {
	m := newRoomOf(t, pinning)
	mine, minePEM := named(t, "mine")
	other, otherPEM := named(t, "other")
	m.in("a-1", func(tx *store.Tx) {
		must(t, m.PutClient(tx, &oauth.Client{ID: "mine", MTLS: oauth.MTLSRequired, CAPEM: minePEM}))
		must(t, m.PutClient(tx, &oauth.Client{ID: "other", MTLS: oauth.MTLSOptional, CAPEM: otherPEM}))
		must(t, m.PutClient(tx, &oauth.Client{ID: "off", MTLS: oauth.MTLSOff, CAPEM: minePEM}))
		for _, c := range []struct {
			client string
			shown  []*x509.Certificate
			good   bool
		}{
			{"mine", []*x509.Certificate{mine}, true}, {"mine", []*x509.Certificate{other}, false}, {"mine", nil, false},
			{"other", []*x509.Certificate{other}, true}, {"other", []*x509.Certificate{mine}, false}, {"other", nil, true},
			{"off", []*x509.Certificate{other}, true}, {"off", nil, true}, {"demo", []*x509.Certificate{other}, true},
		} {
			client, err := m.Client(tx, c.client)
			must(t, err)
			call := m.Call(context.Background(), tx, &Request{Peer: c.shown})
			if err := call.CheckPeer(client); (err == nil) != c.good || (err != nil && !(problem.Is(err, problem.Unauthenticated) && errors.Is(err, errUntrusted))) {
				t.Errorf("%s, with %d certificates: %v", c.client, len(c.shown), err)
			}
		}
	})
}

// At the handshake nobody knows who will call, so the certificates of all clients count that want any.
func TestCertificatesAreJudgedAtTheHandshake(t *testing.T) {
	m := newRoomOf(t, pinning)
	mine, minePEM := named(t, "mine")
	stranger, strangerPEM := named(t, "stranger")
	judge := func(workspace string, cert *x509.Certificate) (advice []string, err error) {
		m.in(workspace, func(tx *store.Tx) { advice, err = m.CheckHandshake(tx, []*x509.Certificate{cert}) })
		return advice, err
	}
	if advice, err := judge("a-1", stranger); err != nil || advice != nil {
		t.Errorf("where nobody's certificates count: %v, %v", advice, err)
	}
	m.in("a-1", func(tx *store.Tx) {
		must(t, m.PutClient(tx, &oauth.Client{ID: "mine", MTLS: oauth.MTLSOptional, CAPEM: minePEM}))
		must(t, m.PutClient(tx, &oauth.Client{ID: "off", CAPEM: strangerPEM}))
	})
	if _, err := judge("a-1", stranger); !errors.Is(err, errUntrusted) {
		t.Errorf("a stranger's: %v", err)
	}
	if advice, err := judge("a-1", mine); err != nil || len(advice) != 1 {
		t.Errorf("a client's: %v, %v", advice, err)
	}
	if _, err := judge("b-2", stranger); err != nil {
		t.Errorf("in another workspace: %v", err)
	}
	m.in("a-1", func(tx *store.Tx) {
		tx.Change().Settings = map[string]map[string]any{"toy": {"webhook_alg": "RS256"}}
	})
	if _, err := judge("a-1", stranger); err != nil {
		t.Errorf("where they are judged later: %v", err)
	}
}
