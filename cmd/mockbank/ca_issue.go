package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pki"
)

type caIssueCmd struct {
	caFolderFlags
	Names  []string `arg:"" name:"name" help:"Host names and addresses of the server, or the name of the client."`
	Client bool     `help:"It is for a client, not for a server."`
	Key    string   `help:"Kind of its key: p256, p384, rsa-2048 or rsa-4096." enum:"p256,p384,rsa-2048,rsa-4096" default:"p256"`
	Days   int      `help:"How long it is valid." default:"90"`
	Broken string   `help:"Give it this fault, for testing who should refuse it; the list is above." placeholder:"FAULT"`
	Out    string   `help:"Folder of the new files." default:"." placeholder:"DIR" type:"path"`
}

// Help is shown above the flags.
func (cmd *caIssueCmd) Help() string {
	return "It makes NAME.pem (the certificate, and what stands between it and the CA) and NAME-key.pem, and NAME-ca.pem where a fault has it end at another CA.\n\nFaults for --broken:\n" + faultsHelp()
}

// faultsHelp lists what certificates can be ordered with, one to a line.
func faultsHelp() string {
	var lines strings.Builder
	for _, fault := range pki.Faults {
		fmt.Fprintf(&lines, "\n  %-22s%s", fault.Name, fault.Says)
	}
	return lines.String()
}

const longestLife = 100 * 365 // days

func (cmd *caIssueCmd) Run(t *terminal) error {
	if cmd.Days < 1 || cmd.Days > longestLife {
		return fmt.Errorf("--days is between 1 and %d", longestLife)
	}
	authority, err := cmd.open()
	if err != nil {
		return err
	}
	issued, err := authority.Issue(pki.Order{
		Names: cmd.Names, Client: cmd.Client, Key: pki.KeyKind(cmd.Key), Life: time.Duration(cmd.Days) * 24 * time.Hour, Fault: cmd.Broken,
	})
	if err != nil {
		return err
	}
	files, err := cmd.files(issued, authority)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := file.write(); err != nil {
			return err
		}
		fmt.Fprintln(t.out, file.path)
	}
	return nil
}

// newFile is one that must not be there yet.
type newFile struct {
	path string
	text []byte
	mode fs.FileMode
}

func (f newFile) write() error {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: delete it, or name another folder with --out", f.path)
	}
	if err != nil {
		return fmt.Errorf("the certificate can not be written: %w; name another folder with --out", err)
	}
	_, err = file.Write(f.text)
	return errors.Join(err, file.Close())
}

// files are the key first: nothing else is written where it can not be.
func (cmd *caIssueCmd) files(issued *pki.Issued, authority *pki.Authority) ([]newFile, error) {
	chain, key, err := issued.PEM()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cmd.Out, 0o755); err != nil { //nolint:gosec // a folder of anybody's project
		return nil, fmt.Errorf("the folder of --out can not be made: %w", err)
	}
	base := filepath.Join(cmd.Out, fileName(cmd.Names[0]))
	files := []newFile{{base + "-key.pem", key, 0o600}, {base + ".pem", chain, 0o644}}
	if !issued.Root.Equal(authority.Certificate) {
		files = append(files, newFile{base + "-ca.pem", issued.RootPEM(), 0o644})
	}
	return files, nil
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// longestFile leaves room for what is put behind it.
const longestFile = 200

// fileName makes one of any name.
func fileName(name string) string {
	name = strings.TrimLeft(unfit.ReplaceAllString(name, "_"), ".-")
	if name == "" {
		return "certificate"
	}
	return name[:min(len(name), longestFile)]
}
