package clients

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/housetest"
)

// A SOAP client is made from the WSDLs, and does all that they describe.
func TestASOAPClientOf1LINK(t *testing.T) {
	t.Parallel()
	housetest.Need(t, "node", "npm")
	dir, err := scripts()
	if err != nil {
		t.Fatal(err)
	}
	h := start(t)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "soap.mjs"), h.Base+"/1link/uat-1link/sandbox", "mock-client-id-0000000000000001", "mock-client-secret-000000000001")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := []string{
		`{"step":"described","ibft":["TitleFetch","FundsTransfer"],"bill":["BillInquiry","BillPayment","VoidBillPayment"]}`,
		`{"step":"title","code":"00","title":"MOCK CUSTOMER TWO"}`,
		`{"step":"transfer","code":"00"}`,
		`{"step":"inquiry","code":"00","status":"U"}`,
		`{"step":"payment","code":"00"}`,
		`{"step":"void","code":"00"}`,
		`{"step":"fault","status":401,"code":"soapenv:Client","text":"Invalid client id or secret.","http":"401"}`,
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(string(out)), "\n")); diff != "" {
		t.Errorf("the steps differ (-want +got):\n%s", diff)
	}
}
