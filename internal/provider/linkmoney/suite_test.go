package linkmoney_test

import (
	"testing"

	"github.com/mockbank/mockbank/internal/provider/linkmoney"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

func TestHouse(t *testing.T) { providertest.New(t, linkmoney.New) }
