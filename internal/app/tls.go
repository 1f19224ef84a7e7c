package app

import (
	"crypto/tls"
	"errors"
	"strings"

	"github.com/mockbank/mockbank/internal/pki"
)

// secure is what the listeners with TLS serve with: certificates for every provider's real hosts and the names of
// Config.Hosts.
func (a *App) secure() *tls.Config {
	servers := &pki.Servers{Authority: a.cfg.Authority, Log: a.cfg.Log}
	for _, name := range a.cfg.Hosts {
		servers.Names = append(servers.Names, strings.ToLower(name))
	}
	for _, p := range a.Providers {
		for _, face := range p.Faces {
			servers.Names = append(servers.Names, face.Hosts...)
		}
	}
	return servers.Config(a.verifyConnection)
}

func (a *App) verifyConnection(state tls.ConnectionState) error {
	if a.cfg.VerifyConnection != nil {
		if err := a.cfg.VerifyConnection(state); err != nil {
			return err
		}
	}
	return a.gateway.VerifyConnection(state)
}

// authorityPEM is for those who are to trust it.
func (a *App) authorityPEM() []byte {
	if a.cfg.Authority == nil {
		return nil
	}
	return a.cfg.Authority.PEM()
}

var errNoAuthority = errors.New("app: there is a listener with TLS, and no authority to make its certificates")
