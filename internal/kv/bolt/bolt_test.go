package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/bolt"
	"github.com/mockbank/mockbank/internal/kv/kvtest"
)

func TestDriver(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Driver {
		d, err := bolt.Open(filepath.Join(t.TempDir(), "test.db"), bolt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d.SkipSyncs()
		return d
	})
}
