package onelinkfintech_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// page reads the ids of a list, and whether there are more.
func page(answer providertest.Answer) (ids []string, more bool) {
	data, _ := answer.JSON()["data"].([]any)
	for _, item := range data {
		ids = append(ids, item.(map[string]any)["id"].(string))
	}
	more, _ = answer.JSON()["has_more"].(bool)
	return ids, more
}

// pay makes payments at one instant and then at others; the newest comes first.
func manyPayments(h *providertest.House, n int) (ids []string) {
	for i := range n {
		if i%3 == 0 {
			h.Advance(time.Minute)
		}
		to := []string{"rec_test_stuck", "rec_test_123"}[i%2]
		ids = append(ids, post(h, "/payments", payment(object{"amount": i + 1, "recipient": to})).Text("id"))
	}
	slices.Reverse(ids)
	return ids
}

func TestPagesAreTheWholeListBothWays(t *testing.T) {
	h := house(t)
	want := manyPayments(h, 12)
	for _, size := range []int{1, 5, 11, 12, 100} {
		if got := forwards(t, h, size); !slices.Equal(got, want) {
			t.Errorf("pages of %d give %v, want %v", size, got, want)
		}
		if got := backwards(t, h, size, want[len(want)-1]); !slices.Equal(got, want[:len(want)-1]) {
			t.Errorf("pages of %d backwards give %v, want %v", size, got, want)
		}
	}
}

func forwards(t *testing.T, h *providertest.House, size int) (all []string) {
	t.Helper()
	query := fmt.Sprintf("/payments?limit=%d", size)
	for cursor := ""; ; cursor = "&starting_after=" + all[len(all)-1] {
		ids, more := page(get(h, query+cursor))
		if all = append(all, ids...); !more || len(ids) == 0 {
			return all
		}
	}
}

func backwards(t *testing.T, h *providertest.House, size int, from string) (all []string) {
	t.Helper()
	for {
		ids, more := page(get(h, fmt.Sprintf("/payments?limit=%d&ending_before=%s", size, from)))
		if all = append(slices.Clone(ids), all...); !more || len(ids) == 0 {
			return all
		}
		from = ids[0]
	}
}

func TestFilters(t *testing.T) {
	h := house(t)
	all := manyPayments(h, 6)
	h.Advance(time.Minute)
	var stuck, others []string
	for i, id := range all {
		if i%2 == 1 {
			stuck = append(stuck, id)
		} else {
			others = append(others, id)
		}
	}
	for query, want := range map[string][]string{
		"":                                    all,
		"?status=pending":                     stuck,
		"?recipient=rec_test_stuck":           stuck,
		"?status=succeeded":                   others,
		"?status=failed":                      nil,
		"?status=pending&recipient=rec_test_": nil,
		"?status=pending&recipient=rec_test_stuck&limit=2": stuck[:2],
		"?status=pending&starting_after=" + others[0]:      stuck, // a cursor need not be of the filtered list
	} {
		if got, _ := page(get(h, "/payments"+query)); !slices.Equal(got, want) {
			t.Errorf("%s gives %v, want %v", query, got, want)
		}
	}
}

func TestAccountsAndRecipientsAreListed(t *testing.T) {
	h := house(t)
	made := post(h, "/accounts", account(object{"currency": "USD"})).Text("id")
	if err := fire(h, "account", made, "freeze", nil); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"":                            {made, "acc_100000003", "acc_100000002", "acc_100000001"},
		"?currency=USD":               {made, "acc_100000002"},
		"?status=frozen":              {made},
		"?status=active&currency=USD": {"acc_100000002"},
		"?status=closed":              nil,
	} {
		if got, _ := page(get(h, "/accounts"+query)); !slices.Equal(got, want) {
			t.Errorf("accounts%s gives %v, want %v", query, got, want)
		}
	}
	wantBody(t, get(h, "/recipients"), 200, `{"object":"list","url":"/v1/recipients","has_more":false,"data":[]}`)
	first, second := post(h, "/recipients", recipient()).Text("id"), post(h, "/recipients", recipient()).Text("id")
	if got, _ := page(get(h, "/recipients?expand=metadata")); !slices.Equal(got, []string{second, first}) {
		t.Errorf("recipients: %v", got)
	}
}
