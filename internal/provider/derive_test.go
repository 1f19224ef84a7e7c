package provider

import (
	"encoding/binary"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/store"
)

func bytesOf(n int) (b [32]byte) {
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return b
}

// all is an alphabet of n different bytes.
func all(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func TestDerivedTextKeepsToItsAlphabet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alphabet := all(rapid.IntRange(1, 256).Draw(t, "alphabet"))
		length := rapid.IntRange(0, 300).Draw(t, "length")
		seed := bytesOf(rapid.Int().Draw(t, "seed"))
		got := derivedText(seed, "p", length, alphabet)
		if len(got) != length {
			t.Fatalf("%d characters, want %d", len(got), length)
		}
		for i := range len(got) {
			if strings.IndexByte(alphabet, got[i]) < 0 {
				t.Fatalf("the byte %d is not of the alphabet", got[i])
			}
		}
		if again := derivedText(seed, "p", length, alphabet); again != got {
			t.Fatal("the same seed gave another text")
		}
		if short := derivedText(seed, "p", length/2, alphabet); !strings.HasPrefix(got, short) {
			t.Fatal("a shorter text is not its beginning")
		}
	})
}

// TestDerivedTextFavoursNone: of 62 characters the first 8 would come up a quarter more often if bytes were just
// divided. The bounds are five standard deviations.
func TestDerivedTextFavoursNone(t *testing.T) {
	const alphabet, draws = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", 62 * 2000
	counts := map[rune]int{}
	for i := range draws / 62 {
		for _, c := range derivedText(bytesOf(i), "", 62, alphabet) {
			counts[c]++
		}
	}
	for _, c := range alphabet {
		if n := counts[c]; n < 1776 || n > 2224 {
			t.Errorf("%c came up %d times, want about 2000", c, n)
		}
	}
}

func TestTextsOfTwoPurposesDiffer(t *testing.T) {
	n := Name{bytes: bytesOf(1)}
	if n.Text("code", 20, all(26)) == n.Text("token", 20, all(26)) {
		t.Error("two purposes give one text")
	}
	if n.UUID() == (Name{bytes: bytesOf(2)}).UUID() {
		t.Error("two names give one UUID")
	}
}

func TestDeriveDependsOnAllItsParts(t *testing.T) {
	seen := map[[32]byte]string{}
	for what, b := range map[string][32]byte{
		"plain":         Derive(&store.Workspace{Name: "a", Seed: 1}, "toy/x", 1, 1),
		"a workspace":   Derive(&store.Workspace{Name: "b", Seed: 1}, "toy/x", 1, 1),
		"a seed":        Derive(&store.Workspace{Name: "a", Seed: 2}, "toy/x", 1, 1),
		"a series":      Derive(&store.Workspace{Name: "a", Seed: 1}, "toy/y", 1, 1),
		"a request":     Derive(&store.Workspace{Name: "a", Seed: 1}, "toy/x", 2, 1),
		"a second one":  Derive(&store.Workspace{Name: "a", Seed: 1}, "toy/x", 1, 2),
		"swapped parts": Derive(&store.Workspace{Name: "a", Seed: 1}, "toy/x", 2, 0),
	} {
		if other := seen[b]; other != "" {
			t.Errorf("%s and %s give the same", what, other)
		}
		seen[b] = what
	}
	borrowed := Derive(&store.Workspace{Name: "b", IDsAs: "a", Seed: 1}, "toy/x", 1, 1)
	if seen[borrowed] != "plain" {
		t.Error("a borrowed series is not the other's")
	}
}

func TestUUID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := uuid([32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes")))
		if len(got) != 36 || got[14] != '4' || !strings.ContainsRune("89ab", rune(got[19])) || strings.Count(got, "-") != 4 {
			t.Fatalf("%s is no version 4 UUID", got)
		}
	})
}

func TestTheNameOfASeriesIsTheSameInEveryCall(t *testing.T) {
	m := newRoom(t)
	named := func(workspace, series string) (id string) {
		m.in(workspace, func(tx *store.Tx) { id = m.inside(tx, "").Named(series).UUID() })
		return id
	}
	first := named("a", "customer/7")
	if again := named("a", "customer/7"); again != first {
		t.Errorf("two calls name it %s and %s", first, again)
	}
	if first == named("a", "customer/8") || first == named("b", "customer/7") {
		t.Error("another series, or another workspace, has the same name")
	}
}
