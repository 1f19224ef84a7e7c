package housetest

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips a test for which a tool is missing. Where all tests are wanted, that is a failure.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			Missing(t, tool+" is not installed")
		}
	}
}

// Missing skips a test, or fails it where all tests are wanted, and says why.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("MOCKBANK_TEST_ALL") == "1" {
		t.Fatalf("%s, and MOCKBANK_TEST_ALL=1 wants all tests", what)
	}
	t.Skipf("%s: this test can not run", what)
}
