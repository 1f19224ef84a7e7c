package keys

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"sync"
)

//go:generate sh -c "go run ./internal/makepool > pool.pem"

// poolSize is how many RSA keys there are. Making one takes 50 ms, and Go's generator can not be seeded, so
// they are part of the program.
const poolSize = 16

//go:embed pool.pem
var poolPEM []byte

var poolBlocks = sync.OnceValue(func() (blocks [poolSize][]byte) {
	rest := poolPEM
	for i := range blocks {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			panic(fmt.Sprintf("keys: pool.pem holds %d keys instead of %d; run go generate", i, poolSize))
		}
		blocks[i] = block.Bytes
	}
	return blocks
})

var pool = func() (keys [poolSize]func() *rsa.PrivateKey) {
	for i := range keys {
		keys[i] = sync.OnceValue(func() *rsa.PrivateKey { return parsePooled(poolBlocks()[i]) })
	}
	return keys
}()

// parsePooled also precomputes what makes signing fast. Only a broken build can make it panic, and a test
// reads all keys.
func parsePooled(der []byte) *rsa.PrivateKey {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		panic("keys: pool.pem: " + err.Error())
	}
	return key.(*rsa.PrivateKey)
}
