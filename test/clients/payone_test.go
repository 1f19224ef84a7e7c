package clients

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/housetest"
)

func TestAShopOfPayoneLink(t *testing.T) {
	t.Parallel()
	housetest.Need(t, "node")
	h := start(t)
	cmd := exec.CommandContext(t.Context(), "node", "payone.mjs", h.Base+"/payone", h.Base+control)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	var steps []string
	for line := range bytes.Lines(out) {
		var told struct{ Step string }
		if err := json.Unmarshal(line, &told); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		steps = append(steps, told.Step)
	}
	if diff := cmp.Diff([]string{"create", "get", "list", "update", "notify", "status"}, steps); diff != "" {
		t.Errorf("the steps differ (-want +got):\n%s", diff)
	}
}
