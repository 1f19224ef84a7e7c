package bolt_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/kv/bolt"
)

// TestPowerLoss records what a child writes, syncs and acknowledges, and stops the machine after each step: of
// what was written since the last sync, any part may have reached the disk, in any order, cut at sectors of
// 512 bytes. The store must open with all acknowledged changes, and the one under way whole or not at all.
//
// What it can not show is a disk that lies about a sync, or a file system that loses more than was written.
func TestPowerLoss(t *testing.T) {
	const n = 25
	path := store(t, 0)
	if err := os.WriteFile(path, written(t, path), 0o600); err != nil { // so that growth is recorded as well
		t.Fatal(err)
	}
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "strace.log")
	run(t, command(t, fmt.Sprint(n), path,
		strace(t, "-o", log, "-y", "-xx", "-s", "1000000", "-e", "trace=write,pwrite64,ftruncate,fsync,fdatasync")...))
	steps := record(t, log, path)
	m := &machine{disk: image, size: int64(len(image)), chance: rand.New(rand.NewPCG(3, 4))}
	all := states(t, n)
	crashed := filepath.Join(t.TempDir(), "crashed.db")
	for i, s := range steps {
		m.take(s)
		for range 2 {
			if err := m.crash(crashed); err != nil {
				t.Fatal(err)
			}
			expectAfterCrash(t, crashed, all, m.acknowledged, i)
		}
	}
	if m.acknowledged != n || len(steps) < 5*n {
		t.Errorf("recorded %d steps and %d acknowledged changes of %d", len(steps), m.acknowledged, n)
	}
}

func expectAfterCrash(t *testing.T, path string, all []map[string]string, acknowledged, step int) {
	t.Helper()
	d, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Errorf("stopped after step %d: %v", step, err)
		return
	}
	defer d.Close()
	got := snapshot(d)
	for _, want := range all[acknowledged:min(acknowledged+2, len(all))] {
		if maps.Equal(got, want) {
			return
		}
	}
	t.Errorf("stopped after step %d: %d changes were acknowledged, and the store holds others", step, acknowledged)
}

// step is one thing that a child did to its file, or an acknowledgement that it printed.
type step struct {
	call string
	data []byte // pwrite64
	at   int64  // pwrite64: where; ftruncate: the new length
}

// machine is a disk and what the kernel has not yet brought there.
type machine struct {
	disk         []byte
	size         int64 // of the file, which may be longer than what was written to it
	cache        []step
	acknowledged int
	chance       *rand.Rand
}

func (m *machine) take(s step) {
	switch s.call {
	case "write":
		m.acknowledged++
	case "fsync", "fdatasync":
		for _, s := range m.cache {
			if s.call == "ftruncate" {
				m.size = s.at
			}
			m.disk = s.apply(m.disk)
		}
		m.cache = nil
	default:
		m.cache = append(m.cache, s)
	}
}

// crash writes a file with none, some or all sectors of what was not synced.
func (m *machine) crash(path string) error {
	const sector = 512
	disk, size := append([]byte(nil), m.disk...), m.size
	share := m.chance.Float64()*2 - 0.5
	for _, s := range m.cache {
		if s.call == "ftruncate" && m.chance.Float64() < share {
			size = s.at
		}
		for i := 0; i < len(s.data); i += sector {
			if m.chance.Float64() < share {
				part := step{call: s.call, at: s.at + int64(i), data: s.data[i:min(i+sector, len(s.data))]}
				disk = part.apply(disk)
			}
		}
	}
	return errors.Join(os.WriteFile(path, disk, 0o600), os.Truncate(path, max(size, int64(len(disk)))))
}

// apply does a write to a disk, and grows it as far as that needs.
func (s step) apply(disk []byte) []byte {
	if s.call != "pwrite64" {
		return disk
	}
	if end := int(s.at) + len(s.data); end > len(disk) {
		disk = append(disk, make([]byte, end-len(disk))...)
	}
	copy(disk[s.at:], s.data)
	return disk
}

// record reads what strace wrote. A call during which another thread was traced fills two lines.
func record(t *testing.T, log, path string) []step {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	begun := map[string]string{} // by thread: the call that it is in
	for line := range strings.Lines(string(text)) {
		thread, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if call, cut := strings.CutSuffix(rest, " <unfinished ...>"); cut {
			begun[thread] = call
			continue
		}
		if _, end, resumed := strings.Cut(rest, " resumed>"); resumed {
			rest = begun[thread] + end
		}
		if s, fd, file := parse(t, rest); file == path || fd == "1" && strings.Contains(string(s.data), " kept ") {
			steps = append(steps, s)
		}
	}
	return steps
}

// parse reads one call, such as pwrite64(5<\x2f\x61>, "\x00\x01", 2, 4096) = 2.
func parse(t *testing.T, line string) (s step, fd, file string) {
	t.Helper()
	call, rest, _ := strings.Cut(line, "(")
	fd, rest, _ = strings.Cut(rest, "<")
	file, rest, ok := strings.Cut(rest, ">")
	if !ok {
		return step{}, "", ""
	}
	s.call = call
	if data, isData := strings.CutPrefix(rest, `, "`); isData {
		data, rest, _ = strings.Cut(data, `"`)
		s.data = unhex(t, data)
	}
	numbers, _, _ := strings.Cut(rest, ")")
	_, _ = fmt.Sscan(numbers[strings.LastIndex(numbers, ",")+1:], &s.at)
	return s, fd, string(unhex(t, file))
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
