package payone

import (
	"strings"
	"testing"

	"github.com/mockbank/mockbank/internal/problem"
)

// TestALogSaysWhatHadToBeSigned, and the caller is told nothing of it.
func TestALogSaysWhatHadToBeSigned(t *testing.T) {
	body := map[string]any{"merchantId": "10001", "accountId": "20002", "portalId": "3000001", "mode": "test", "reference": "r\n1", "currency": "EUR"}
	for name, test := range map[string]struct {
		sent, known bool
		want        string
	}{
		"a wrong token":     {true, true, `not that of the string to sign, "10001200023000001testr\n10EUR"`},
		"no token":          {false, true, `is not payone-hmac-sha256 and a token in Base64; the string to sign was "10001200023000001testr\n10EUR"`},
		"an unknown portal": {true, false, `there is no portal "3000001"; the string to sign was "10001200023000001testr\n10EUR"`},
	} {
		refusal := problem.From(unauthorized(claimOfBody(body), test.sent, test.known))
		if refusal.Err == nil || !strings.Contains(refusal.Err.Error(), test.want) || refusal.Message != "Invalid authorization" {
			t.Errorf("%s: %v, because %v", name, refusal.Message, refusal.Err)
		}
	}
	body["reference"] = strings.Repeat("x", 10_000)
	if cause := problem.From(unauthorized(claimOfBody(body), true, true)).Err.Error(); len(cause) > 2*longestShown {
		t.Errorf("the log is given %d bytes of a stranger's", len(cause))
	}
}
