package finqlink_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

func list(h *providertest.House, version string, body object) providertest.Answer {
	return h.Post("/finqlink/"+version+"/links/list", signedIn(body))
}

// ids are the links of a page, and the cursor behind it.
func ids(page providertest.Answer) (found []string, after string, more bool) {
	all, _ := page.JSON()["links"].([]any)
	for _, link := range all {
		found = append(found, link.(map[string]any)["link_id"].(string))
	}
	more, _ = page.JSON()["pagination"].(map[string]any)["more?"].(bool)
	return found, page.Text("pagination.after"), more
}

// Whatever the size of the pages, and whether links came at one instant or not, paging gives each link once and
// the newest first.
func TestPagesAreTheWholeList(t *testing.T) {
	h := house(t)
	want := map[string]string{} // place by id: the later the smaller
	for i := range 12 {
		if i%3 == 0 {
			h.Advance(time.Second)
		}
		made := create(t, h)
		want[made.Text("link_id")] = fmt.Sprintf("%02d", 99-i/3) + made.Text("link_id")
	}
	for limit := 1; limit <= 14; limit++ {
		var all []string
		pagination := object{"limit": limit}
		for {
			page := list(h, "v2", object{"pagination": pagination})
			found, after, more := ids(page)
			if page.Status != 200 || len(found) > limit || (more && len(found) != limit) {
				t.Fatalf("%d %s", page.Status, page.Body)
			}
			all = append(all, found...)
			if !more {
				break
			}
			pagination["after"] = after
		}
		if len(all) != len(want) || !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(want[a], want[b]) }) {
			t.Fatalf("pages of %d hold %v", limit, all)
		}
	}
}

func TestListsAreFiltered(t *testing.T) {
	h := house(t)
	first := create(t, h).Text("link_id")
	h.Advance(time.Second)
	second := create(t, h).Text("link_id")
	if err := h.Fire("link", second, "open"); err != nil {
		t.Fatal(err)
	}
	at := func(after time.Duration) string {
		return providertest.Start.Add(after).In(time.FixedZone("", 7200)).Format(time.RFC3339Nano)
	}
	for _, test := range []struct {
		name   string
		filter object
		want   []string
	}{
		{"nothing asked", object{}, []string{second, first}},
		{"by status", object{"status": "started"}, []string{second}},
		{"from is inclusive", object{"inserted_at_from": at(time.Second)}, []string{second}},
		{"from a moment later", object{"inserted_at_from": at(time.Second + time.Microsecond)}, nil},
		{"from a moment that links do not have", object{"inserted_at_from": at(time.Nanosecond)}, []string{second}},
		{"to is exclusive", object{"inserted_at_to": at(time.Second)}, []string{first}},
		{"to a moment later", object{"inserted_at_to": at(time.Second + time.Nanosecond)}, []string{second, first}},
		{"all together", object{"status": "created", "inserted_at_from": at(0), "inserted_at_to": at(time.Hour)}, []string{first}},
		{"to before from", object{"inserted_at_from": at(time.Second), "inserted_at_to": at(0)}, nil},
	} {
		got := list(h, "v2", object{"filter": test.filter})
		found, _, more := ids(got)
		if !slices.Equal(found, test.want) || more {
			t.Errorf("%s: %s", test.name, got.Body)
		}
	}
}

func TestCursorsAreCheckedWhole(t *testing.T) {
	h := house(t)
	register(t, h, "other", "other-secret")
	create(t, h)
	h.Advance(time.Second)
	create(t, h)
	foreign := h.Post("/finqlink/v2/links/create", order(object{"client_id": "other", "client_secret": "other-secret"}))
	encode := base64.RawURLEncoding.EncodeToString
	_, own, _ := ids(list(h, "v2", object{"pagination": object{"limit": 1}}))
	raw, err := base64.RawURLEncoding.DecodeString(own)
	if err != nil {
		t.Fatal(err)
	}
	made := func(link providertest.Answer) string {
		return encode(fmt.Appendf(nil, `{"inserted_at":%q,"id":%q}`, link.Text("created_at"), link.Text("link_id")))
	}
	for name, body := range map[string]object{
		"of another client":    {"pagination": object{"after": made(foreign)}},
		"of nobody":            {"pagination": object{"after": encode([]byte(`{"inserted_at":"2026-01-15T10:30:00.000000Z","id":"6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21"}`))}},
		"of another time":      {"pagination": object{"after": encode([]byte(strings.Replace(string(raw), "10:30", "10:31", 1)))}},
		"in another spelling":  {"pagination": object{"after": encode([]byte(strings.Replace(string(raw), ",", ", ", 1)))}},
		"padded":               {"pagination": object{"after": own + "="}},
		"with more at its end": {"pagination": object{"after": own + "AA"}},
		"of another filter":    {"pagination": object{"after": own}, "filter": object{"inserted_at_to": "2026-01-15T10:30:01Z"}},
	} {
		if got := list(h, "v2", body); got.Status != 400 || got.Text("code") != "validation_error" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if found, _, _ := ids(list(h, "v2", object{"pagination": object{"after": own}})); len(found) != 1 {
		t.Errorf("behind its own cursor stands %v", found)
	}
	// A link that moved on since the page was read is still a place in its list.
	page := list(h, "v2", object{"filter": object{"status": "created"}, "pagination": object{"limit": 1}})
	found, after, _ := ids(page)
	if err := h.Fire("link", found[0], "open"); err != nil {
		t.Fatal(err)
	}
	rest := list(h, "v2", object{"filter": object{"status": "created"}, "pagination": object{"after": after}})
	if found, _, _ := ids(rest); rest.Status != 200 || len(found) != 1 {
		t.Errorf("%d %s", rest.Status, rest.Body)
	}
}

func TestTheFirstVersionListsAll(t *testing.T) {
	h := house(t)
	link := create(t, h, object{"payment_method": object{"provider_id": "libra_ro"}}).Text("link_id")
	if err := h.Act("link", link, "approve"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	got := list(h, "v1", object{"filter": object{"status": "nonsense"}, "pagination": object{"limit": 0}})
	links, _ := got.JSON()["links"].([]any)
	if got.Status != 200 || len(got.JSON()) != 1 || len(links) != 1 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if status := links[0].(map[string]any)["status"]; status != "completed" {
		t.Errorf("v1 shows %v", status)
	}
	if status := get(h, link).Text("status"); status != "funds_received" {
		t.Errorf("v2 shows %v", status)
	}
}

func FuzzParseCursor(f *testing.F) {
	good := cursor{InsertedAt: "2026-01-15T10:30:00.000000Z", ID: "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21"}.text()
	for _, seed := range []string{good, good + "=", "", "e30", good[:len(good)-1], "eyJpbnNlcnRlZF9hdCI6IiJ9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := parseCursor(text)
		if !ok {
			return
		}
		// Two texts for one place would be two readings of one list.
		if at.text() != text || stamp(at.at) != at.InsertedAt {
			t.Errorf("%q is taken as %+v, which is written %q", text, at, at.text())
		}
	})
}
