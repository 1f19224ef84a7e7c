package main

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"

	"github.com/mockbank/mockbank/internal/clock"
	"github.com/mockbank/mockbank/internal/pki"
)

// caCmd is about the CA under which mockbank serves HTTPS.
type caCmd struct {
	Show      caShowCmd      `cmd:"" default:"withargs" help:"Print the CA's certificate, for the trust store of a client."`
	Install   caInstallCmd   `cmd:"" help:"Have this machine and its browsers trust the CA."`
	Uninstall caUninstallCmd `cmd:"" help:"Have this machine and its browsers forget the CA."`
	Issue     caIssueCmd     `cmd:"" help:"Make a certificate of the CA: of a server or a client, a good one or one with a fault."`
}

// caFolderFlags say where a CA is kept, as serve takes them.
type caFolderFlags struct {
	CA   string `name:"ca" help:"Folder of the CA, made on first use." placeholder:"DIR" type:"path"`
	Data string `help:"Data folder of a mockbank, which keeps its CA in the folder ca." placeholder:"DIR" type:"path"`
}

// folder is empty where none is named.
func (f *caFolderFlags) folder() string {
	if f.CA == "" && f.Data != "" {
		return filepath.Join(f.Data, caFolder)
	}
	return f.CA
}

// open reads the CA, or makes it.
func (f *caFolderFlags) open() (*pki.Authority, error) {
	if f.folder() == "" {
		return nil, errors.New("name the folder of the CA with --ca DIR, the same as for mockbank serve; a CA without one has its key in the server only")
	}
	return pki.Open(f.folder(), clock.System, rand.Reader)
}

// caSource is a folder, or else a running mockbank.
type caSource struct {
	caFolderFlags
	Server string `help:"Address of the mockbank to ask where no folder is named." default:"http://127.0.0.1:6265" placeholder:"URL"`
}

// certificate gives the CA's in PEM.
func (s *caSource) certificate(ctx context.Context) ([]byte, error) {
	if s.folder() == "" {
		return (&remote{Server: s.Server}).get(ctx, "ca.pem")
	}
	authority, err := s.open()
	if err != nil {
		return nil, err
	}
	return authority.PEM(), nil
}

type caShowCmd struct{ caSource }

func (cmd *caShowCmd) Run(ctx context.Context, t *terminal) error {
	text, err := cmd.certificate(ctx)
	if err != nil {
		return err
	}
	_, err = t.out.Write(text)
	return err
}
