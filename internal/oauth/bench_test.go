package oauth

import (
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
)

// BenchmarkMint shows what a token costs: a signature where it is the first of its second, and next to nothing where
// the client asks again within that.
func BenchmarkMint(b *testing.B) {
	order := Order{Issuer: issuer, Audience: "finqlink", Grant: Grant{Client: Client{ID: "demo"}, Scopes: []string{"pay_by_link"}}, Lifetime: time.Hour}
	for _, alg := range []keys.Alg{keys.RS256, keys.ES256} {
		key := pair("demo", alg)
		b.Run(string(alg)+"/first", func(b *testing.B) {
			tokens, now := NewTokens(100), wall
			for b.Loop() {
				now = now.Add(time.Second)
				if _, err := tokens.Mint(key, order, now); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(alg)+"/again", func(b *testing.B) {
			tokens := NewTokens(100)
			for b.Loop() {
				if _, err := tokens.Mint(key, order, wall); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
