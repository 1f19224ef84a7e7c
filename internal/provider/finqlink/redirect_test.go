package finqlink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// direct makes a direct_sca link and gives its id and its page at the bank.
func direct(t *testing.T, h *providertest.House, changes ...object) (link, bank string) {
	t.Helper()
	made := create(t, h, append([]object{{"options": object{"type": "direct_sca"}}}, changes...)...)
	return made.Text("link_id"), made.Text("web_url")
}

func redirect(h *providertest.House, query string, sync bool) providertest.Answer {
	return h.Post("/finqlink/v2/links/redirect", signedIn(object{"query_string": query, "sync": sync}))
}

func TestRedirectIsProcessedOnce(t *testing.T) {
	h := house(t)
	link, bank := direct(t, h)
	query := approveAtBank(h, bank)
	for i, step := range []struct {
		advance time.Duration
		code    int
		status  string
	}{
		{0, 202, "redirect_in_progress"},
		{0, 202, "redirect_in_progress"},
		{time.Second, 201, "submitted"},
		{time.Second, 201, "completed"},
	} {
		if step.advance > 0 {
			h.Advance(step.advance)
		}
		got := redirect(h, query, false)
		if got.Status != step.code || got.Text("status") != step.status || got.Text("link_id") != link {
			t.Errorf("step %d: %d %s", i, got.Status, got.Body)
		}
	}
}

func TestRedirectWithSyncAnswersAtOnceWhereNothingIsToCome(t *testing.T) {
	for query, status := range map[string]string{
		"error=access_denied&state=": "failed",
		"error=server_error&state=":  "failed",
	} {
		h := house(t)
		_, bank := direct(t, h)
		_, state, _ := strings.Cut(approveAtBank(h, bank), "state=")
		if got := redirect(h, query+state, true); got.Status != 200 || got.Text("status") != status {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
		if got := redirect(h, query+state, true); got.Status != 201 {
			t.Errorf("%s again: %d %s", query, got.Status, got.Body)
		}
	}
}

// A call that waits goes on when the clock does, and ends after half a minute of it.
func TestRedirectWithSyncWaitsInWorkspaceTime(t *testing.T) {
	for _, test := range []struct {
		scenario string
		code     int
		status   string
	}{
		{"pay_success", 200, "submitted"},
		{"bank_slow", 202, "redirect_in_progress"},
	} {
		t.Run(test.scenario, func(t *testing.T) {
			h := house(t)
			link, bank := direct(t, h)
			query := approveAtBank(h, bank)
			if err := h.Retell("link", link, test.scenario); err != nil {
				t.Fatal(err)
			}
			answered := make(chan providertest.Answer)
			go func() { answered <- redirect(h, query, true) }()
			h.Await(func() bool { return h.Show("link", link).State == "received" })
			h.Advance(600 * time.Millisecond)
			if test.code == 202 {
				h.Advance(30 * time.Second)
			}
			if got := <-answered; got.Status != test.code || got.Text("status") != test.status {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
}

func TestRedirectWantsTheBanksCode(t *testing.T) {
	h := house(t)
	_, bank := direct(t, h)
	before, state, _ := strings.Cut(approveAtBank(h, bank), "state=")
	if got := redirect(h, "code=guess&state="+state, false); got.Status != 400 || got.Text("code") != "invalid_input" {
		t.Errorf("a guess: %d %s", got.Status, got.Body)
	}
	// A leading question mark is dropped where the pattern lets it pass.
	if got := redirect(h, "?"+before+"state="+state, false); got.Status != 202 {
		t.Errorf("the code: %d %s", got.Status, got.Body)
	}
}

func TestRedirectOfALinkThatTheWebUIHandles(t *testing.T) {
	h := house(t)
	made := create(t, h, object{"options": object{"type": "wrapped_sca"}})
	var sca struct {
		State string `json:"state"`
	}
	h.Data("link", made.Text("link_id"), "sca", &sca)
	if got := redirect(h, "code=1&state="+sca.State, false); got.Status != 400 || got.Text("code") != "unprocessable_entity" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestRedirectAfterTheBankGaveUp(t *testing.T) {
	h := house(t)
	link, bank := direct(t, h)
	query := approveAtBank(h, bank)
	h.Advance(6 * time.Minute)
	if got := get(h, link).Text("status"); got != "failed" {
		t.Fatalf("after six minutes it is %s", got)
	}
	if got := redirect(h, query, true); got.Status != 200 || got.Text("status") != "failed" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// Another client's link is as unknown as one that never was, to every operation and in every header.
func TestClientsSeeTheirOwnLinksOnly(t *testing.T) {
	h := house(t)
	register(t, h, "other", "other-secret")
	link, bank := direct(t, h)
	query := approveAtBank(h, bank)
	as := object{"client_id": "other", "client_secret": "other-secret"}
	for target, body := range map[string]object{
		"/finqlink/v2/links/get":      {"link_id": link},
		"/finqlink/v1/links/get":      {"web_id": get(h, link).Text("web_id")},
		"/finqlink/v2/links/redirect": {"query_string": query},
	} {
		merge(body, as)
		got := h.Post(target, body)
		if got.Status != 404 || got.Text("code") != "not_found" || got.Header.Get("Mockbank-Entity") != "" {
			t.Errorf("%s: %d %v %s", target, got.Status, got.Header, got.Body)
		}
	}
}
