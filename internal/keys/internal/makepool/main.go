// Command makepool writes the embedded pool of RSA keys to its standard output. Running it again changes
// every signature in every golden file, so it is run once.
package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log"
	"os"
)

const size, bits = 16, 2048

func main() {
	fmt.Print("# Mock keys, not secret: they are part of a public program and protect nothing.\n",
		"# Made by internal/keys/internal/makepool.\n")
	for i := range size {
		if err := write(i); err != nil {
			log.Fatalf("makepool: key %d: %v", i, err)
		}
	}
}

func write(i int) error {
	key, err := rsa.GenerateKey(nil, bits) // the generator ignores the reader that it is given
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	fmt.Printf("\n# mock key %d, not secret\n", i)
	return pem.Encode(os.Stdout, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
