package bolt

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
)

// FuzzVerify holds verify to its promise: whatever the file holds, it ends and does not panic.
func FuzzVerify(f *testing.F) {
	for _, rows := range []int{0, 3, 200} {
		f.Add(image(f, rows))
	}
	f.Add([]byte("a text"))
	f.Fuzz(func(_ *testing.T, file []byte) {
		_ = verify(bytes.NewReader(file), int64(len(file)))
	})
}

// image is a small store's file without the room that it keeps for more.
func image(f *testing.F, rows int) []byte {
	f.Helper()
	path := filepath.Join(f.TempDir(), "test.db")
	d, err := Open(path, Options{})
	if err != nil {
		f.Fatal(err)
	}
	err = d.Update(func(w kv.Writer) error {
		for i := range rows {
			if err := w.Put([]byte{byte(i), 1}, make([]byte, 100)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if err := d.Close(); err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return file[:min(len(file), 64<<10)]
}
