package mem_test

import (
	"testing"

	"github.com/mockbank/mockbank/internal/kv"
	"github.com/mockbank/mockbank/internal/kv/kvtest"
	"github.com/mockbank/mockbank/internal/kv/mem"
)

func TestDriver(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Driver { return mem.New() })
}
