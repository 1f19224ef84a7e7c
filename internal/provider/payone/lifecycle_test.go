package payone_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider/providertest"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// TestTheStatusFollowsUpdatesAndDays: after any sequence of updates and days the API shows the status that the
// document's conditions give for the last update that was taken and for the day.
func TestTheStatusFollowsUpdatesAndDays(t *testing.T) {
	h := house(t)
	h.Set("rate_limit", 0)
	made := 0
	rapid.Check(t, func(rt *rapid.T) {
		made++
		now := order(object{"reference": fmt.Sprint("p-", made)})
		id := create(t, h, now).Text("id")
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "a day passes") {
				h.Advance(24 * time.Hour)
			} else {
				now = order(object{"reference": now["reference"]}, drawn(rt, h.Now()))
				if got := send(h, http.MethodPut, links+"/"+id, now); got.Status != 200 {
					rt.Fatalf("%d %s", got.Status, got.Body)
				}
			}
			want := conditions(now, h.Now())
			if got := get(h, id).Text("status"); got != want || h.Show("link", id).State != want {
				rt.Fatalf("%v at %s is %s, want %s", now, h.Now(), got, want)
			}
		}
	})
}

func drawn(rt *rapid.T, now time.Time) object {
	change := object{}
	if rapid.Bool().Draw(rt, "inactive") {
		change["active"] = false
	}
	if rapid.Bool().Draw(rt, "expires") {
		change["expiration"] = now.AddDate(0, 0, rapid.IntRange(-1, 2).Draw(rt, "days")).Format(time.DateOnly)
	}
	switch rapid.IntRange(0, 3).Draw(rt, "lacks") {
	case 0:
		change["paymentMethods"] = nil
	case 1:
		change["billing"] = object{"lastName": "Doe"}
	}
	return change
}

// conditions are those of the document, read from the request.
func conditions(link object, now time.Time) string {
	billing, _ := link["billing"].(object)
	expiration, expires := link["expiration"].(string)
	switch {
	case link["active"] == false:
		return "deactivated"
	case expires && inBerlin(now) > expiration:
		return "expired"
	case link["paymentMethods"] != nil && billing["lastName"] != nil && billing["country"] != nil:
		return "ready"
	}
	return "created"
}

func inBerlin(now time.Time) string {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return now.In(berlin).Format(time.DateOnly)
}

func TestActDoesAllThatTheShopperHasTo(t *testing.T) {
	h := shopHouse(t)
	for i, test := range []struct {
		method, act, state, answer string
	}{
		{"visa", "approve", "appointed", "APPROVED"}, {"visa", "decline", "failed", "REDIRECTED"}, {"visa", "cancel", "failed", "REDIRECTED"},
		{"paypal", "approve", "appointed", "REDIRECTED"}, {"paypal", "decline", "failed", "REDIRECTED"}, {"sepa", "cancel", "failed", "REDIRECTED"},
	} {
		id := create(t, h, object{"reference": fmt.Sprint("a-", i), "paymentMethods": []any{test.method}}).Text("id")
		if err := h.Act("link", id, test.act); err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		var process string
		h.Data("link", id, "paymentProcess", &process)
		if got := h.Show("payment", process).State; got != test.state {
			t.Errorf("%+v: %s", test, got)
		}
		for kind, id := range map[string]string{"link": id, "payment": process} {
			if err := h.Act(kind, id, test.act); !problem.Is(err, problem.Conflict) {
				t.Errorf("%+v again on the %s: %v", test, kind, err)
			}
		}
	}
	unready := create(t, h, object{"reference": "unready", "billing": nil}).Text("id")
	if err := h.Act("link", unready, "approve"); !problem.Is(err, problem.Conflict) {
		t.Errorf("a link that is not ready: %v", err)
	}
	if err := h.Act("link", unready, "pay"); !problem.Is(err, problem.Invalid) {
		t.Errorf("an unknown act: %v", err)
	}
}

func TestTheInvoiceThatWouldGoOut(t *testing.T) {
	h := house(t)
	for i, test := range []struct {
		change object
		want   string
	}{
		{object{"email": "a@b.example", "invoiceInformation": object{"invoiceId": "R-1", "invoiceText": "Thanks"}}, `{"to":"a@b.example","invoiceId":"R-1","invoiceText":"Thanks"}`},
		{object{"email": "a@b.example"}, `{"to":"a@b.example"}`}, {object{"invoiceInformation": object{"invoiceId": "R-1"}}, "null"},
	} {
		id := create(t, h, object{"reference": fmt.Sprint("i-", i)}, test.change).Text("id")
		if err := h.Act("link", id, "approve"); err != nil {
			t.Fatal(err)
		}
		var process string
		h.Data("link", id, "paymentProcess", &process)
		data, _ := h.Show("payment", process).Data.(map[string]any)
		got, err := strictjson.Marshal(data["invoice"])
		var a, b any
		_ = strictjson.Unmarshal(got, &a)
		_ = strictjson.Unmarshal([]byte(test.want), &b)
		if diff := cmp.Diff(b, a); err != nil || diff != "" {
			t.Errorf("%v: %v %s", test.change, err, diff)
		}
	}
}

func TestRetention(t *testing.T) {
	h := house(t)
	h.Set("retention", "30d")
	used := create(t, h, object{"reference": "used"}).Text("id")
	if err := h.Act("link", used, "approve"); err != nil {
		t.Fatal(err)
	}
	over := create(t, h, object{"reference": "over", "expiration": "2026-01-16"}).Text("id")
	never := create(t, h, object{"reference": "never"}).Text("id")
	create(t, h, object{"reference": "last", "expiration": "9999-12-31"})
	statuses := func() string {
		return fmt.Sprint(get(h, used).Status, get(h, over).Status, get(h, never).Status)
	}
	h.Advance(30*24*time.Hour - time.Minute)
	if got := statuses(); got != "200 200 200" {
		t.Errorf("before: %s", got)
	}
	h.Advance(2 * time.Minute)
	if got := statuses(); got != "404 200 200" || len(entities(h, "payment")) != 0 {
		t.Errorf("30 days after the execution: %s, %v", got, entities(h, "payment"))
	}
	h.Advance(2 * 24 * time.Hour)
	if got := statuses(); got != "404 404 200" {
		t.Errorf("30 days after the last day: %s", got)
	}
	create(t, h, object{"reference": "used"}) // The reference is free again.
}

func entities(h *providertest.House, kind string) (ids []string) {
	h.View(func(tx *store.Tx) error {
		return tx.ScanEntities("payone", kind, 0, func(e *store.Entity) (bool, error) {
			ids = append(ids, e.ID)
			return true, nil
		})
	})
	return ids
}

// Without a setting everything stays.
func TestNothingIsErasedByDefault(t *testing.T) {
	h := house(t)
	id := create(t, h, object{"expiration": "2026-01-16"}).Text("id")
	h.Advance(400 * 24 * time.Hour)
	if got := get(h, id); got.Text("status") != "expired" {
		t.Errorf("%s", got.Body)
	}
}

func TestAnUnattendedLinkWaitsUntilItIsReady(t *testing.T) {
	h := house(t)
	id := send(h, http.MethodPost, links, order(object{"paymentMethods": nil}), "Mockbank-Scenario", "unattended").Text("id")
	h.Advance(time.Minute)
	if got := get(h, id).Text("status"); got != "created" {
		t.Fatalf("it is %s", got)
	}
	update(h, id)
	h.Advance(999 * time.Millisecond)
	before := get(h, id).Text("status")
	h.Advance(time.Millisecond)
	if after := get(h, id).Text("status"); before != "ready" || after != "executed" {
		t.Errorf("%s, and then %s", before, after)
	}
}

// Whatever the size of the pages, they are the whole list, the newest first, and their numbers fit.
func TestPagesAreTheWholeList(t *testing.T) {
	h := house(t)
	var newest []string
	for i := range 7 {
		newest = append([]string{create(t, h, object{"reference": fmt.Sprint(i)}).Text("id")}, newest...)
	}
	create(t, h, object{"mode": "live"}) // is in another list
	for size := 1; size <= 8; size++ {
		var all []string
		pages := (7 + size - 1) / size
		for number := range pages + 1 {
			page := list(h, fmt.Sprintf("&limit=%d&page=%d", size, number)).JSON()
			content, _ := page["content"].([]any)
			for _, link := range content {
				all = append(all, link.(map[string]any)["id"].(string))
			}
			pageable, _ := page["pageable"].(map[string]any)
			got := fmt.Sprintln(page["totalPages"], page["totalElements"], page["size"], page["number"], page["numberOfElements"], page["first"], page["last"], page["empty"], pageable["offset"])
			want := fmt.Sprintln(pages, 7, size, number, len(content), number == 0, number >= pages-1, len(content) == 0, size*number)
			if got != want {
				t.Errorf("page %d of %d: %s, want %s", number, size, got, want)
			}
		}
		if fmt.Sprint(all) != fmt.Sprint(newest) {
			t.Errorf("pages of %d: %v, want %v", size, all, newest)
		}
	}
	if got := list(h, "&page=2147483647&limit=100"); got.Status != 200 {
		t.Errorf("the last page that there can be: %d %s", got.Status, got.Body)
	}
}

func TestAnEmptyListIsTheDocumentsExample(t *testing.T) {
	want := `{"content":[],"pageable":{"sort":{"sorted":false,"unsorted":true,"empty":true},"offset":0,"pageNumber":0,"pageSize":25,"paged":true,"unpaged":false},` +
		`"totalPages":0,"totalElements":0,"last":true,"first":true,"size":25,"number":0,"sort":{"sorted":false,"unsorted":true,"empty":true},"numberOfElements":0,"empty":true}`
	if got := list(house(t), ""); string(got.Body) != want {
		t.Errorf("%s", got.Body)
	}
}

func TestALostReplyLeavesTheLink(t *testing.T) {
	h := house(t)
	lost := func() (hungUp bool) {
		defer func() { hungUp = recover() == http.ErrAbortHandler }()
		send(h, http.MethodPost, links, order(object{"reference": "mk.drop.1"}))
		return false
	}
	if !lost() {
		t.Error("there was an answer")
	}
	if again := send(h, http.MethodPost, links, order(object{"reference": "mk.drop.1"})); again.Status != 409 {
		t.Errorf("%d %s", again.Status, again.Body)
	}
	slow := h.Library.Kind("payone", "link").Story("create_slow").Mishaps
	if len(slow) != 1 || slow[0].Delay == nil || slow[0].When != "before" {
		t.Errorf("%+v", slow)
	}
}
