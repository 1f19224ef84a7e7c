package keys

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

var webhooks = Series{Seed: 1, Workspace: "default", Provider: "finqlink", Purpose: "webhook"}

func TestPoolHoldsSixteenSoundKeys(t *testing.T) {
	seen := map[string]int{}
	for i := range pool {
		key := pool[i]()
		if err := key.Validate(); err != nil || key.N.BitLen() != 2048 || key.Precomputed.Dp == nil {
			t.Errorf("key %d: %d bits, %v", i, key.N.BitLen(), err)
		}
		if first, twice := seen[key.N.String()]; twice {
			t.Errorf("keys %d and %d are one", first, i)
		}
		seen[key.N.String()] = i
	}
}

func TestKidsAreDistinctAndStable(t *testing.T) {
	seen := map[string]string{}
	add := func(s Series, number uint64, alg Alg) {
		name, kid := fmt.Sprint(s, number, alg), s.Key(number, alg).Kid()
		if len(kid) != 32 || kid != s.Key(number, alg).Kid() {
			t.Errorf("%s: kid %q", name, kid)
		}
		if other, ok := seen[kid]; ok {
			t.Errorf("%s and %s share a kid", name, other)
		}
		seen[kid] = name
	}
	for number := range uint64(20) {
		add(webhooks, number, RS256)
		add(webhooks, number, ES256)
	}
	add(Series{2, "default", "finqlink", "webhook"}, 1, RS256)
	add(Series{1, "defaultf", "inqlink", "webhook"}, 1, RS256)
	add(Series{1, "default", "finqlink", "token"}, 1, RS256)
	add(Series{1, "", "", ""}, 1, RS256)
}

// A moved value here moves every golden file and every stored set: it is a change of contract.
func TestKeysAreTheSameEverywhere(t *testing.T) {
	for alg, want := range map[Alg]string{
		RS256: "c1a65080677a2f648d1939d5de71ae63 HrATwdPxcwB7JW1cGLmpfzNQ8qIqUsaym3Jc6erNIc8",
		ES256: "964cb002f8afdcb42fa071e9ba2ed6d0 OwkesVF6szMjDTsBWZ16WYqS4Jjj4s_LWV28ZlNQeFk",
		EdDSA: "e950907acc15e08827af463d7ef906ad Tu7rBWylNBLw4cNTw6tyjms2TrbwiMD1sYocmXh7MWU",
	} {
		key := webhooks.Key(1, alg)
		if got := key.Kid() + " " + key.Public().Thumbprint(); got != want {
			t.Errorf("%s: %s", alg, got)
		}
	}
}

func TestNeighboursDiffer(t *testing.T) {
	for number := range uint64(32) {
		a := webhooks.Key(number, RS256).signer.(*rsa.PrivateKey)
		b := webhooks.Key(number-1, RS256).signer.(*rsa.PrivateKey)
		if a.Equal(b) {
			t.Errorf("number %d and the one before share a key", number)
		}
	}
}

func TestJWKSShape(t *testing.T) {
	for alg, members := range map[Alg]string{
		RS256: `"n":"%s","e":"AQAB"`,
		ES256: `"crv":"P-256","x":"%s","y":"%s"`,
	} {
		current, previous := webhooks.Keys(Begin(t0, alg))
		one := func(k Key) string {
			j := k.Public().JWK()
			values := []any{j.N}
			if alg == ES256 {
				values = []any{j.X, j.Y}
			}
			return fmt.Sprintf(`{"kty":"%s","kid":"%s","alg":"%s","use":"sig",`, j.Kty, k.Kid(), alg) + fmt.Sprintf(members, values...) + `}`
		}
		got, err := json.Marshal(JWKS(current, previous))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(`{"keys":[`+one(current)+","+one(previous)+`]}`, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", alg, diff)
		}
		back, err := ParsePublic(got)
		if err != nil || len(back) != 2 || back[0].Thumbprint() != current.Public().Thumbprint() {
			t.Errorf("%s: what we publish does not read back: %v", alg, err)
		}
	}
}

func TestThumbprintOfRFC7638(t *testing.T) {
	keys, err := ParsePublic([]byte(`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := keys[0].Thumbprint(); got != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
		t.Errorf("thumbprint %s", got)
	}
}

func TestPrivatePEMIsTheSameKey(t *testing.T) {
	for _, alg := range []Alg{RS256, ES256, EdDSA} {
		key := webhooks.Key(1, alg)
		text, err := key.PrivatePEM()
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(text)
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		public := PublicKey{Key: private.(crypto.Signer).Public()}
		if public.Thumbprint() != key.Public().Thumbprint() {
			t.Errorf("%s: another key came back", alg)
		}
	}
}
