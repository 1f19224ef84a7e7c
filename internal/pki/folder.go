package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/mockbank/mockbank/internal/clock"
)

// The files of an authority's folder. The key's file holds the certificate too, so that the two can not be torn apart;
// the other one is a copy for others to read.
const (
	CertificateFile = "ca.pem"
	KeyFile         = "ca-key.pem"
)

const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"
)

// Open reads the authority that a folder keeps, and makes one where there is none. Of several that open an empty folder
// at the same time all get the same one.
func Open(dir string, wall clock.Wall, rand io.Reader) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("pki: the folder of the CA can not be made: %w; name another one with --ca", err)
	}
	path := filepath.Join(dir, KeyFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path, wall, rand); err != nil {
			return nil, err
		}
	}
	a, err := read(path, wall, rand)
	if err != nil {
		return nil, err
	}
	return a, publish(filepath.Join(dir, CertificateFile), a.PEM())
}

// create puts a new authority at a path where none is, or leaves the one that somebody else put there meanwhile.
func create(path string, wall clock.Wall, rand io.Reader) error {
	a, err := Make(wall, rand)
	if err != nil {
		return err
	}
	key, err := encodeKey(a.key)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".ca-*") // It is readable by its owner only.
	if err != nil {
		return fmt.Errorf("pki: the CA can not be kept: %w; name a folder that mockbank may write to with --ca", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // After a renaming it is gone already.
	_, err = temporary.Write(append(key, a.PEM()...))
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("pki: the CA can not be kept: %w", err)
	}
	// A link, unlike a renaming, replaces nothing. Some shared folders know no links.
	if err := os.Link(temporary.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return fmt.Errorf("pki: the CA can not be kept: %w", err)
	}
	return nil
}

func publish(path string, text []byte) error {
	if have, err := os.ReadFile(path); err == nil && string(have) == string(text) {
		return nil
	}
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // everybody is to read it
		return fmt.Errorf("pki: the certificate of the CA can not be written: %w", err)
	}
	return nil
}

func read(path string, wall clock.Wall, rand io.Reader) (*Authority, error) {
	if err := checkMode(path); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("pki: the key of the CA can not be read: %w", err)
	}
	a, err := parse(text, wall, rand)
	if err != nil {
		return nil, fmt.Errorf("pki: %s: %w", path, err)
	}
	return a, nil
}

// maxKeyFile is far above what a key and a certificate take.
const maxKeyFile = 64 << 10

// checkMode also keeps from waiting for ever on a pipe.
func checkMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("pki: the key of the CA can not be read: %w", err)
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return fmt.Errorf("pki: %s is no regular file, and the key of the CA is one: move it away, and mockbank makes a new CA", path)
	case mode.Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return fmt.Errorf("pki: others than its owner may use %s, the key of a CA that your machine may trust (mode %#o): run chmod 600 on it, or delete it if others may have read it", path, mode.Perm())
	case info.Size() > maxKeyFile:
		return fmt.Errorf("pki: %s is too long for the key of a CA: move it away, and mockbank makes a new CA", path)
	}
	return nil
}

var errNoKeyFile = errors.New("it has to hold one PRIVATE KEY and one CERTIFICATE in PEM; move it away, and mockbank makes a new CA")

func parse(text []byte, wall clock.Wall, rand io.Reader) (*Authority, error) {
	a := &Authority{wall: wall, rand: rand}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if err := a.take(block); err != nil {
			return nil, err
		}
	}
	if a.key == nil || a.Certificate == nil {
		return nil, errNoKeyFile
	}
	return a, a.check()
}

// take knows the two blocks of the file, and by name what people put there by mistake.
func (a *Authority) take(block *pem.Block) (err error) {
	switch {
	case block.Type == certificateBlock && a.Certificate == nil:
		if a.Certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Errorf("its certificate makes no sense: %w", err)
		}
		return nil
	case block.Type == keyBlock && a.key == nil:
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return fmt.Errorf("its key makes no sense: %w", err)
		}
		var signs bool
		if a.key, signs = key.(crypto.Signer); !signs {
			return errors.New("its key can not sign; move it away, and mockbank makes a new CA")
		}
		return nil
	}
	return fmt.Errorf("there is a block %q, and %w", block.Type, errNoKeyFile)
}

func (a *Authority) check() error {
	public, known := a.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	now, end := a.wall(), a.Certificate.NotAfter
	switch {
	case !known || !public.Equal(a.Certificate.PublicKey):
		return errors.New("its key is not that of its certificate; move it away, and mockbank makes a new CA")
	case !a.Certificate.IsCA:
		return errors.New("its certificate is not that of a CA; move it away, and mockbank makes a new CA")
	case now.After(end):
		return fmt.Errorf("the CA expired at %s; delete the folder, and have your machine trust the new CA that mockbank then makes", end.Format("2006-01-02"))
	case now.Before(a.Certificate.NotBefore):
		return fmt.Errorf("the CA begins at %s, and by the clock of this machine it is %s: set the clock right", a.Certificate.NotBefore.Format("2006-01-02"), now.Format("2006-01-02"))
	}
	return nil
}

func encodeKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("pki: the key has no form for a file: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}
