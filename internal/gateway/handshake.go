package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/journal"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// What the journal calls a handshake that was refused, beside the requests that were.
const (
	handshakeMethod = "TLS"
	handshakeStep   = "handshake"
	handshakeName   = "tls.handshake"
)

// VerifyConnection judges the certificate that a client shows, before any request is read; one that shows none is let in,
// since who calls is known by the request only. The host name that was asked for tells provider and workspace as far
// as they are known by then: where it does not, it is the default workspace, and any provider may be meant. An alert can
// carry no reason, so the log and the journal have it.
func (g *Gateway) VerifyConnection(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return nil
	}
	h := &handshake{host: state.ServerName, began: g.Store.Wall()}
	if g.readName(&h.address, state.ServerName) != nil || h.address.workspace == "" {
		h.address.workspace = store.Default
	}
	refused := g.judge(h, state.PeerCertificates)
	if refused != nil {
		g.tellRefused(h, refused)
	}
	return refused
}

// handshake is one connection that shows a certificate.
type handshake struct {
	host    string // that the client asked for; empty: none
	address address
	began   time.Time
	by      *provider.Runtime // who refused it
}

// judge asks each provider that may be meant.
func (g *Gateway) judge(h *handshake, chain []*x509.Certificate) error {
	return g.Store.View(context.Background(), h.address.workspace, func(tx *store.Tx) error {
		for _, h.by = range g.meant(h.address) {
			advice, err := h.by.CheckHandshake(tx, chain)
			if err != nil {
				return err
			}
			for _, line := range advice {
				g.Log.Warn("gateway: advice about a client certificate", "workspace", h.address.workspace, "provider", h.by.ID, "advice", line)
			}
		}
		return nil
	})
}

func (g *Gateway) meant(a address) []*provider.Runtime {
	if a.face != nil {
		return []*provider.Runtime{a.face.runtime}
	}
	return g.Providers
}

// tellRefused is the only trace of what a client sees as a bare alert.
func (g *Gateway) tellRefused(h *handshake, refused error) {
	g.Log.Info("gateway: refused a client certificate at the handshake", "workspace", h.address.workspace, "provider", h.by.ID, "host", h.host, "cause", refused)
	if g.Journal == nil {
		return
	}
	e := &journal.Entry{
		At: g.now(h.address.workspace), Wall: h.began, Took: g.Store.Wall().Sub(h.began),
		Provider: h.by.ID, Operation: handshakeName, Method: handshakeMethod, Whole: "/", Path: "/",
		Request: journal.Message{Header: http.Header{}}, Reply: journal.Message{Header: http.Header{}},
		Verdict: journal.Judge(handshakeStep, problem.New(problem.Unauthenticated, "", refused.Error())),
	}
	if h.host != "" {
		e.Origin = "https://" + h.host
	}
	if h.address.face != nil {
		e.Face = h.address.face.Name
	}
	g.Journal.Add(h.address.workspace, e)
}
