package gateway_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// suspicious refuses every certificate, wherever one counts.
func suspicious(p *plan) {
	p.provider.Certificates = &provider.Certificates{
		Check: func([]*x509.Certificate, []*x509.Certificate, time.Time) error {
			return errors.New("the leaf is too green")
		},
		Advise:      func([]*x509.Certificate, []*x509.Certificate) []string { return nil },
		AtHandshake: func(map[string]any) bool { return true },
	}
}

// TestHandshakesAreJudgedByTheHost: it tells provider and workspace, and without one it is the default workspace.
func TestHandshakesAreJudgedByTheHost(t *testing.T) {
	h := build(t, suspicious)
	must(t, h.store.Update(context.Background(), "a-1", func(tx *store.Tx) error {
		return h.runtime.PutClient(tx, &oauth.Client{ID: "mine", MTLS: oauth.MTLSOptional})
	}))
	shown := []*x509.Certificate{{}}
	for host, good := range map[string]bool{
		"": true, "localhost": true, "toy.localhost": true, "api.toy.example": true, "b-2.toy.localhost": true, "elsewhere.example": true, "A_1.toy.localhost": true,
		"a-1.toy.localhost": false, "a-1.toy-pages.localhost": false, "A-1.TOY.localhost": false,
	} {
		if err := h.VerifyConnection(tls.ConnectionState{ServerName: host, PeerCertificates: shown}); (err == nil) != good {
			t.Errorf("%q: %v", host, err)
		}
		if err := h.VerifyConnection(tls.ConnectionState{ServerName: host}); err != nil {
			t.Errorf("%q, without a certificate: %v", host, err)
		}
	}
	if lines := strings.Count(h.log.String(), "the leaf is too green"); lines != 3 {
		t.Errorf("%d lines of the log tell of 3 refusals: %s", lines, h.log)
	}
	found, _ := h.Journal.List("a-1", journal.Filter{}, 0, 10)
	if len(found) != 3 || found[0].Method != "TLS" || found[0].Status != 0 || found[0].Verdict.Step != "handshake" || !strings.Contains(found[0].Verdict.Message, "too green") {
		t.Errorf("the journal: %+v", found)
	}
}
