package control_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMail(t *testing.T) {
	h := build(t, nil)
	h.want(201, "PUT", "/workspaces/a", `{}`)
	id := h.order("a", "mail")
	h.want(200, "POST", "/workspaces/a/entities/toy/order/"+id+"/events", `{"event":"pay"}`)
	h.paid("a")
	all := h.want(200, "GET", "/workspaces/a/mail", "")
	link := "http://toy.example/orders/" + id
	if all.len("items") != 2 || all.text("items", 0, "subject") != "Paid \u2713" || all.text("items", 0, "links", 0) != link || all.text("items", 0, "entity", "id") != id {
		t.Errorf("one letter for each of its receivers: %s", all.raw)
	}
	for filter, want := range map[string]int{"to=ann@example.test": 1, "to=eve@example.test": 0, "provider=toy": 2, "type=order_paid": 2, "type=x": 0} {
		if n := h.want(200, "GET", "/workspaces/a/mail?"+filter, "").len("items"); n != want {
			t.Errorf("%s: %d mails, want %d", filter, n, want)
		}
	}
	page := h.want(200, "GET", "/workspaces/a/mail?limit=1", "")
	if rest := h.want(200, "GET", "/workspaces/a/mail?limit=1&after="+page.text("next"), ""); rest.len("items") != 1 {
		t.Errorf("the second page: %s", rest.raw)
	}
	r := httptest.NewRequest("GET", "http://localhost/_mockbank/v1/workspaces/a/mail?limit=1", nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9")
	shown := h.send(r)
	for _, part := range []string{"Paid \u2713", `<a href="` + link + `">`, "Thank you &lt;b&gt;.", "ann@example.test", `rel="next"`} {
		if !strings.Contains(shown.raw, part) {
			t.Errorf("the mailbox does not show %s:\n%s", part, shown.raw)
		}
	}
	if shown.status != 200 || !strings.Contains(shown.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", shown.status, shown.header)
	}
}
