package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// clientFiles are the files that the configuration names of a client: at which key, and what of the client is in it.
var clientFiles = []struct {
	key, member string
	load        func(path string) (any, error) // its errors name the path
}{
	{"public_key_file", "public_key_pem", loadText},
	{"ca_file", "ca_pem", loadText},
	{"jwks_file", "jwks", loadJWKS},
	{"secret_file", "secret", loadSecret},
}

// maxClientFile is the longest file of a client, in bytes.
const maxClientFile = 64 << 10

// beside is a path of the configuration file: relative to its folder.
func (c *configFile) beside(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.name), name)
}

// loadFile looks before it opens: a device or a pipe would never end.
func loadFile(path string) ([]byte, fs.FileMode, error) {
	if path == "" {
		return nil, 0, errors.New("here stands no path; write that of a file, relative to the configuration file")
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("the file can not be read: %w", err)
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > maxClientFile:
		return nil, 0, fmt.Errorf("%s is longer than %d kB, so it is no key", path, maxClientFile>>10)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("the file can not be read: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, 0, fmt.Errorf("%s is empty", path)
	}
	return data, info.Mode().Perm(), nil
}

func loadText(path string) (any, error) {
	data, _, err := loadFile(path)
	return string(data), err
}

func isPEM(data []byte) bool { return bytes.Contains(data, []byte("-----BEGIN ")) }

func loadJWKS(path string) (any, error) {
	data, _, err := loadFile(path)
	if err != nil {
		return nil, err
	}
	if isPEM(data) {
		return nil, fmt.Errorf("%s holds PEM, and a JWK set is due; name it with public_key_file", path)
	}
	value, err := strictjson.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: a JWK set is due, and this is %w", path, err)
	}
	return value, nil
}

// loadSecret reads a shared secret, which nobody but its owner and their group may read.
func loadSecret(path string) (any, error) {
	data, mode, err := loadFile(path)
	switch {
	case err != nil:
		return nil, err
	case isPEM(data):
		return nil, fmt.Errorf("%s holds PEM, and a shared secret is due; a public key is named with public_key_file, and a private key stays with the client", path)
	case mode&0o007 != 0 && runtime.GOOS != "windows":
		return nil, fmt.Errorf("%s holds a secret, and its mode %04o lets everybody read or change it; run chmod 600 %s", path, mode, path)
	}
	return string(bytes.TrimRight(data, "\r\n")), nil
}
