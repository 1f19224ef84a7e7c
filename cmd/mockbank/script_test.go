package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mockbank/mockbank/cmd/mockbank/internal/scripttest"
)

// The program itself runs in the scripts as the command mockbank: a copy of this test binary, so that the race
// detector and the coverage of the test hold for it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mockbank": main})
}

// TestScript plays the user stories of testdata/script. Package scripttest tells their words.
func TestScript(t *testing.T) {
	testscript.Run(t, scripttest.Params("testdata/script"))
}
