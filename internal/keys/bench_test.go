package keys

import "testing"

func BenchmarkSign(b *testing.B) {
	for _, alg := range []Alg{RS256, ES256} {
		b.Run(string(alg), func(b *testing.B) {
			for b.Loop() {
				if _, err := Sign(webhooks.Key(1, alg), []byte(`{"status":"completed"}`)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	for _, alg := range []Alg{RS256, ES256} {
		b.Run(string(alg), func(b *testing.B) {
			for b.Loop() {
				_ = webhooks.Key(1, alg)
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	key, err := ParsePublic([]byte(rsaExampleKey))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j, err := Parse(rsaExample, limits)
		if err == nil {
			err = j.Verify(key[0], RS256)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
