package main

import (
	"fmt"
	"strconv"
	"strings"
)

// byteCount is a flag's number of bytes, such as 65536, 64KiB or 4MiB.
type byteCount int64

// largestCount is far above any memory, and far below what would overflow.
const largestCount = 1 << 40

// UnmarshalText reads what a flag, a variable or the configuration file says.
func (b *byteCount) UnmarshalText(text []byte) error {
	number, unit := string(text), int64(1)
	for suffix, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if cut, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = cut, size
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > largestCount/unit {
		return fmt.Errorf("%q is no number of bytes such as 65536, 64KiB or 4MiB", text)
	}
	*b = byteCount(n * unit)
	return nil
}
