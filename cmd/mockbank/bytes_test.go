package main

import "testing"

func TestByteCount(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "65536": 65536, "64KiB": 64 << 10, "4MiB": 4 << 20, "1 GiB": 1 << 30} {
		var b byteCount
		if err := b.UnmarshalText([]byte(text)); err != nil || int64(b) != want {
			t.Errorf("%s: %d, %v; want %d", text, b, err, want)
		}
	}
	for _, text := range []string{"", "-1", "4MB", "MiB", "1.5MiB", "9999999999999GiB", "4 MiB x"} {
		var b byteCount
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d", text, b)
		}
	}
}
