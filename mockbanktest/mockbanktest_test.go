package mockbanktest_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/mockbanktest"
)

// srv is one server for all tests and examples but those that want one of their own: a start reads all specs.
var srv *mockbanktest.Server

func TestMain(m *testing.M) {
	var err error
	if srv, err = mockbanktest.New(mockbanktest.Frozen(noon)); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := srv.Close(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// ordered is a world with one order of a shop that is told by the inbox "shop".
func ordered(t *testing.T) (world *mockbanktest.Workspace, app shop, link string) {
	t.Helper()
	world = srv.Workspace(t)
	app = shop{finqlink: world.URL("finqlink"), webhooks: world.Inbox("shop").URL()}
	return world, app, mustOrder(t, app)
}

func mustOrder(t *testing.T, app shop) string {
	t.Helper()
	link, err := app.order("125.50")
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// The world of each test is its own: 64 of them at once on one server, and none sees another's payment or time.
func TestWorldsShareNothing(t *testing.T) {
	t.Run("at once", func(t *testing.T) {
		for i := range 64 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				alone(t, srv.Workspace(t), time.Duration(i+1)*time.Hour)
			})
		}
	})
	reply, err := http.Get(srv.Origin() + "/_mockbank/v1/workspaces")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var left struct{ Items []struct{ Name string } }
	if err := json.NewDecoder(reply.Body).Decode(&left); err != nil || len(left.Items) != 1 {
		t.Errorf("the tests left %v (%v), want the default world alone", left.Items, err)
	}
}

func alone(t *testing.T, world *mockbanktest.Workspace, later time.Duration) {
	app := shop{finqlink: world.URL("finqlink"), webhooks: world.Inbox("shop").URL()}
	link := mustOrder(t, app)
	world.Advance(later)
	world.Fire("finqlink", "link", link, "open")
	world.Advance(time.Minute)
	if all := world.Entities("finqlink", "link"); len(all) != 1 || all[0].ID != link {
		t.Errorf("the world holds %v", all)
	}
	if got, want := world.Now(), noon.Add(later+time.Minute); !got.Equal(want) {
		t.Errorf("the clock reads %s, want %s", got, want)
	}
	if got := world.Inbox("shop").Messages(); len(got) != 1 || !got[0].Verdict.Valid {
		t.Errorf("the inbox got %v", got)
	}
	world.Verify(mockbanktest.Match{Operation: "createLink"}, mockbanktest.Exactly(1))
}

// What is refused fails the test with a sentence that helps.
func TestRefusalsAreSentences(t *testing.T) {
	fake := &test{name: t.Name()}
	world := srv.Workspace(fake)
	defer fake.end()
	link := mustOrder(t, shop{finqlink: world.URL("finqlink")})
	for want, do := range map[string]func(){
		`there is no provider "finqlnik"; there are 1link, `: func() { world.URL("finqlnik") },
		"does not know aprove; legal now":                    func() { world.Fire("finqlink", "link", link, "aprove") },
		`scenario`:                                           func() { world.Queue("finqlink", "link", "pay_never", 1) },
		`times`:                                              func() { world.Queue("finqlink", "link", "pay_pending", 0) },
		"did you mean createLink":                            func() { world.Fault(mockbanktest.Target{Operation: "creatLink"}, mockbanktest.Harm{Reset: true}) },
		"by":                                                 func() { world.Advance(-time.Second) },
		"Requests looks at no headers":                       func() { world.Requests(mockbanktest.Match{Body: map[string]any{}}) },
		"wanted 2 in this order, found 0":                    func() { world.VerifyOrder(mockbanktest.Match{Status: 400}, mockbanktest.Match{Status: 200}) },
		"mockbank: wanted none, found 1":                     func() { world.Verify(mockbanktest.Match{Operation: "createLink"}, mockbanktest.Never()) },
		"no-such-link":                                       func() { world.Entity("finqlink", "link", "no-such-link") },
		"mockbank: ":                                         func() { world.Restore([]byte("no snapshot")) },
	} {
		if said := fake.fails(do); !strings.Contains(said, want) {
			t.Errorf("it says %q, want %q", said, want)
		}
	}
}

func TestJournal(t *testing.T) {
	world, app, link := ordered(t)
	if _, err := (shop{finqlink: app.finqlink}).order("12,50"); err == nil {
		t.Error("12,50 was taken")
	}
	all := world.Requests(mockbanktest.Match{Provider: "finqlink"})
	if len(all) != 2 || all[0].Entity != "link/"+link || all[1].Status != 400 || all[1].Refused.Message == "" {
		t.Fatalf("%+v", all)
	}
	if body := all[0].Request.Body; !strings.Contains(body, "125.50") || strings.Contains(body, "finqlink-demo-secret") {
		t.Errorf("the journal shows %s", body)
	}
	if refused := world.Requests(mockbanktest.Match{Status: 4}); len(refused) != 1 {
		t.Errorf("%d were refused", len(refused))
	}
	world.VerifyOrder(mockbanktest.Match{Status: 200}, mockbanktest.Match{Status: 400})
}

// A clock that runs moves payments by itself.
func TestAwait(t *testing.T) {
	fake := &test{name: t.Name()}
	world := srv.Workspace(fake)
	defer fake.end()
	link := mustOrder(t, shop{finqlink: world.URL("finqlink")})
	if said := fake.fails(func() { world.Await("finqlink", "link", link, "completed", time.Millisecond) }); !strings.HasSuffix(said, "is created and not completed") {
		t.Errorf("it says %q", said)
	}
	world.Run(3600)
	world.Act("finqlink", "link", link, mockbanktest.Approve)
	if end := world.Await("finqlink", "link", link, "funds_received", 10*time.Second); !end.Updated.After(noon) {
		t.Errorf("it ended at %s", end.Updated)
	}
}

// Each harm goes through as it was ordered: the application notices.
func TestFaults(t *testing.T) {
	world, app, _ := ordered(t)
	for _, harm := range []mockbanktest.Harm{
		{Status: 429, RetryAfter: 2 * time.Second},
		{Status: 500, Code: "internal_error", When: mockbanktest.After},
		{Reset: true, When: mockbanktest.Before},
		{Truncate: true},
		{Malformed: true, Latency: time.Millisecond},
	} {
		world.Fault(mockbanktest.Target{Provider: "finqlink", Times: 1}, harm)
		if _, err := app.order("1.00"); err == nil {
			t.Errorf("%+v: the application noticed nothing", harm)
		}
	}
	world.Fault(mockbanktest.Target{}, mockbanktest.Harm{Status: 503})
	world.ClearFaults()
	mustOrder(t, app)
	world.Flaky(mockbanktest.Target{Operation: "createLink", Client: "somebody-else"})
	mustOrder(t, app)
}

// Webhooks go wrong on order, and the inbox tells.
func TestWebhookFaults(t *testing.T) {
	world, _, link := ordered(t)
	world.Fault(mockbanktest.Target{Channel: "webhook", Times: 1}, mockbanktest.Harm{Duplicate: 2, Delay: time.Minute})
	world.Fault(mockbanktest.Target{Channel: "webhook", Times: 1}, mockbanktest.Harm{BadSignature: true})
	world.Fire("finqlink", "link", link, "open")
	world.Fire("finqlink", "link", link, "pay")
	world.AdvanceTo(noon.Add(2 * time.Minute))
	var got []bool
	for _, m := range world.Inbox("shop").Messages() {
		got = append(got, m.Verdict.Valid)
		if !m.Verdict.Valid && m.Verdict.Error == "" {
			t.Errorf("it is not told why: %+v", m.Verdict)
		}
	}
	if diff := cmp.Diff([]bool{true, false, true, true}, got); diff != "" {
		t.Error(diff)
	}
}

// A world is what was said to it: settings, targets and choices hold, and a reset leaves them.
func TestCommands(t *testing.T) {
	world, app, _ := ordered(t)
	world.WebhookURL(world.Inbox("house").URL())
	world.Configure("finqlink", map[string]any{"cooldown": "1s"})
	world.Choose("finqlink", "link", "pay_late_rejection")
	world.Reset()
	if all := world.Entities("finqlink", "link"); len(all) != 0 {
		t.Errorf("the reset left %v", all)
	}
	app.webhooks = ""
	link := mustOrder(t, app)
	if at := world.Act("finqlink", "link", link, mockbanktest.Approve); at.Scenario != "pay_late_rejection" {
		t.Errorf("the scenario is %s", at.Scenario)
	}
	if next := world.AdvanceToNext(); next.Fired+next.Deliveries == 0 {
		t.Errorf("nothing was due: %+v", next)
	}
	world.Advance(2 * time.Hour)
	end := world.Entity("finqlink", "link", link)
	if end.State != "failed" || len(end.History) == 0 || end.Client != "finqlink-demo" {
		t.Errorf("%+v", end)
	}
	if got := len(world.Inbox("house").Messages()); got != len(end.History) {
		t.Errorf("%d webhooks about %d changes", got, len(end.History))
	}
	world.Choose("finqlink", "link", "")
	if again := world.Entity("finqlink", "link", mustOrder(t, app)); again.Scenario == "pay_late_rejection" {
		t.Error("the choice outlives its end")
	}
}

// A server of one's own has its own seed and its own rules, and shares nothing with another one of the process.
func TestServers(t *testing.T) {
	var logged strings.Builder
	log := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	other, err := mockbanktest.New(mockbanktest.Seed(7), mockbanktest.Log(log))
	if err != nil {
		t.Fatal(err)
	}
	if first, second := mustOrder(t, shop{finqlink: srv.URL("finqlink")}), mustOrder(t, shop{finqlink: other.URL("finqlink")}); first == second {
		t.Errorf("two seeds give the same id %s", first)
	}
	fake := &test{name: t.Name()}
	world := other.Workspace(fake)
	unsigned(t, world.URL("payone"))
	world.Freeze(noon)
	if got := world.Now(); !got.Equal(noon) {
		t.Errorf("the clock reads %s", got)
	}
	for range 2 { // The second does nothing.
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
	fake.end() // Nor does the world, which is gone with its server.
	if said := fake.fails(func() { world.Now() }); !strings.Contains(said, "was it closed?") {
		t.Errorf("it says %q", said)
	}
	if !strings.Contains(logged.String(), "refused") {
		t.Errorf("the log is %q", logged.String())
	}
}

// unsigned makes a call that PAYONE refuses, for a cause that only the log tells.
func unsigned(t *testing.T, payone string) {
	t.Helper()
	reply, err := http.Post(payone+"/api/v1/payment-links", "application/json", strings.NewReader(`{"portalId": "3000001"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusUnauthorized {
		t.Errorf("an unsigned call is taken: %s", reply.Status)
	}
}

func TestAcceptAnyCredentials(t *testing.T) {
	open := mockbanktest.Start(t, mockbanktest.AcceptAnyCredentials())
	mustOrder(t, shop{finqlink: open.URL("finqlink"), client: "somebody"})
	if _, err := (shop{finqlink: srv.URL("finqlink"), client: "somebody"}).order("1.00"); err == nil {
		t.Error("a client that nobody registered is let in without being told to")
	}
}

func TestUnknownProviderIsAPage(t *testing.T) {
	reply, err := http.Get(srv.URL("no-such-provider"))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusNotFound {
		t.Error(reply.Status)
	}
}

// The same test has the same world in each run, and so the same bytes.
func TestRunsAreEqual(t *testing.T) {
	run := func() []byte {
		fake := &test{name: t.Name()}
		defer fake.end()
		world := srv.Workspace(fake)
		link := mustOrder(t, shop{finqlink: world.URL("finqlink"), webhooks: world.Inbox("shop").URL()})
		world.Act("finqlink", "link", link, mockbanktest.Approve)
		world.Advance(24 * time.Hour)
		return world.Snapshot()
	}
	first := run()
	second := run()
	if diff := cmp.Diff(masked(first), masked(second)); diff != "" {
		t.Error(diff)
	}
}

// masked leaves out what the machine decides: where the server listens, and how fast it is.
func masked(snapshot []byte) string { return byChance.ReplaceAllString(string(snapshot), "*") }

// A story of one's own is a file in a folder.
func TestScenarios(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "finqlink"), 0o700); err != nil {
		t.Fatal(err)
	}
	story := "provider: finqlink\nkind: link\nscenarios:\n  patient_bank:\n    title: The bank takes three hours\n" +
		"    extends: pay_success\n    steps:\n      - {at: submitted, after: 3h, fire: execute}\n"
	if err := os.WriteFile(filepath.Join(dir, "finqlink", "link.yaml"), []byte(story), 0o600); err != nil {
		t.Fatal(err)
	}
	world := mockbanktest.Start(t, mockbanktest.Frozen(noon), mockbanktest.Scenarios(dir)).Workspace(t)
	world.Queue("finqlink", "link", "patient_bank", 1)
	link := mustOrder(t, shop{finqlink: world.URL("finqlink")})
	world.Act("finqlink", "link", link, mockbanktest.Approve)
	for _, want := range []string{"submitted", "funds_received"} {
		world.Advance(2 * time.Hour)
		if got := world.Entity("finqlink", "link", link).State; got != want {
			t.Errorf("the link is %s, want %s", got, want)
		}
	}
}
