package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// trustStore is one place where this machine or a browser looks up whom to trust.
type trustStore struct {
	title string
	// there tells whether this machine has it.
	there func() bool
	// add and remove are given the certificate's name there, and add a file that holds it.
	add    func(ctx context.Context, name, file string) error
	remove func(ctx context.Context, name string) error
}

// trustStores are all that mockbank knows. Those of other systems take ca.pem by hand: docs/security.md.
func trustStores() []trustStore {
	all := []trustStore{
		systemStore("/usr/local/share/ca-certificates", "update-ca-certificates", "--fresh"),
		systemStore("/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
	}
	home, _ := os.UserHomeDir() // Without a home there is no browser's store.
	folders, _ := filepath.Glob(filepath.Join(home, ".mozilla", "firefox", "*", "cert9.db"))
	for _, database := range append(folders, filepath.Join(home, ".pki", "nssdb", "cert9.db")) {
		all = append(all, browserStore(filepath.Dir(database)))
	}
	return all
}

// systemStore is a folder of certificates and the command that gathers them. The flags are what it takes to notice that
// one is gone.
func systemStore(folder, gather string, gone ...string) trustStore {
	path := func(name string) string { return filepath.Join(folder, name+".crt") }
	return trustStore{
		title: "this machine (" + gather + ")",
		there: func() bool {
			_, err := exec.LookPath(gather)
			return err == nil
		},
		add: func(ctx context.Context, name, file string) error {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // as the system has it
				return err
			}
			if err := os.WriteFile(path(name), text, 0o644); err != nil { //nolint:gosec // everybody is to read it
				return err
			}
			return execute(ctx, gather)
		},
		remove: func(ctx context.Context, name string) error {
			if err := os.Remove(path(name)); err != nil {
				return err
			}
			return execute(ctx, gather, gone...)
		},
	}
}

// browserStore is a database of NSS, which Chromium and Firefox use.
func browserStore(folder string) trustStore {
	database := "sql:" + folder
	return trustStore{
		title: "browsers (" + folder + ")",
		there: func() bool {
			_, err := os.Stat(filepath.Join(folder, "cert9.db"))
			return err == nil
		},
		add: func(ctx context.Context, name, file string) error {
			return execute(ctx, "certutil", "-A", "-d", database, "-t", "C,,", "-n", name, "-i", file)
		},
		remove: func(ctx context.Context, name string) error {
			return execute(ctx, "certutil", "-D", "-d", database, "-n", name)
		},
	}
}

func execute(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("the command %s is not installed (Debian has it in libnss3-tools)", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

type caInstallCmd struct{ caSource }

func (cmd *caInstallCmd) Run(ctx context.Context, t *terminal) error {
	text, err := cmd.certificate(ctx)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp("", "mockbank-ca-*.pem")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // There is nothing secret in it.
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	name := storedName(text)
	return everywhere(t, "trusts the CA", func(s trustStore) error { return s.add(ctx, name, file.Name()) })
}

type caUninstallCmd struct{ caSource }

func (cmd *caUninstallCmd) Run(ctx context.Context, t *terminal) error {
	text, err := cmd.certificate(ctx)
	if err != nil {
		return err
	}
	name := storedName(text)
	return everywhere(t, "has forgotten the CA", func(s trustStore) error { return s.remove(ctx, name) })
}

// storedName tells several of our CAs apart.
func storedName(text []byte) string {
	block, _ := pem.Decode(text)
	if block == nil {
		return "mockbank-ca"
	}
	sum := sha256.Sum256(block.Bytes)
	return "mockbank-ca-" + hex.EncodeToString(sum[:4])
}

// everywhere does something to every store that there is, and says of each what came of it. It is an error if one
// failed, or if there is none.
func everywhere(t *terminal, done string, do func(trustStore) error) error {
	var failed []error
	found := false
	for _, store := range trustStores() {
		if !store.there() {
			continue
		}
		found = true
		if err := do(store); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", store.title, err))
			continue
		}
		fmt.Fprintf(t.out, "%s %s\n", store.title, done)
	}
	if !found {
		return errors.New("there is no trust store here that mockbank knows; mockbank ca prints the certificate, and docs/security.md says how other systems take it")
	}
	return errors.Join(failed...)
}
