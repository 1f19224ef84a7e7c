package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// follows a link by its label, and has the page to which it leads.
func (p *payer) follows(within, label string) {
	p.Helper()
	p.clicks(fmt.Sprintf("%s//a[normalize-space()=%q]", within, label))
}

// rowOf is the row of a table in which a text stands.
func rowOf(text string) string {
	return fmt.Sprintf("//tr[td[contains(., %q)]]", text)
}

// onelink calls the API with a key, and tells how it was answered.
func (p *payer) onelink(key, method, path string, body any) (status int, reply map[string]any) {
	p.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		p.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.Context(), method, house.Base+"/w/"+p.workspace+"/onelinkfintech/v1"+path, bytes.NewReader(sent))
	if err != nil {
		p.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&reply); err != nil {
		p.Fatal(err)
	}
	return answer.StatusCode, reply
}

func (p *payer) wantStatus(key string, want int, kind string) {
	p.Helper()
	status, reply := p.onelink(key, http.MethodGet, "/accounts", nil)
	refusal, _ := reply["error"].(map[string]any)
	if got, _ := refusal["type"].(string); status != want || got != kind {
		p.Fatalf("the key is answered %d %s, want %d %s", status, got, want, kind)
	}
}

// shownKey is the key that the page shows this once.
func (p *payer) shownKey() string {
	p.Helper()
	p.sees("Your key")
	key, err := chromedp.Run(p.tab, chromedp.Text("//code[@id='key']"))
	if err != nil {
		p.Fatalf("%v, on this page:\n%s", err, p.page())
	}
	return strings.TrimSpace(key)
}

func TestADeveloperManagesKeysAndMoney(t *testing.T) {
	t.Parallel()
	both(t, "dashboard", func(t *testing.T, p *payer) {
		p.goTo(house.Base + "/w/" + p.workspace + "/onelinkfintech-dashboard/")
		p.types("Email", "dev@example.test")
		p.types("Password", "mock-password-1")
		p.presses("Sign in")
		p.sees("API keys")

		p.follows("//main", "Create key")
		p.types("Name", "Web shop")
		p.presses("Create key")
		key := p.shownKey()
		p.wantStatus(key, 200, "")
		p.follows("//nav", "API keys")
		p.do(chromedp.WaitVisible(rowOf("Web shop") + "//time[@datetime='2026-01-15T10:30:00Z'][ancestor::td[@data-label='Last used']]"))
		p.picture("last use")

		p.follows(rowOf("Web shop"), "Roll")
		p.sees("Roll this key?")
		p.presses("Roll key")
		next := p.shownKey()
		p.wantStatus(key, 200, "")
		p.wantStatus(next, 200, "")
		p.advance("24h")
		p.wantStatus(key, 401, "revoked_api_key")
		p.wantStatus(next, 200, "")

		p.follows("//nav", "Settlement")
		p.sees("1,000,000.00 EUR")
		p.types("Amount", "250.50")
		p.presses("Add test funds")
		p.sees("1,000,250.50 EUR")
		status, made := p.onelink(next, http.MethodPost, "/payments", map[string]any{"amount": 100025050, "currency": "EUR", "recipient": "rec_test_123", "description": "All of it"})
		if status != http.StatusCreated {
			t.Fatalf("the payment is answered %d %v", status, made)
		}
		p.advance("10s")
		p.follows("//nav", "Payments")
		p.sees("All of it")
		p.follows("//main", made["id"].(string))
		p.sees("succeeded")

		p.follows("//nav", "API keys")
		p.follows(rowOf("Web shop")+"[td[.='active']]", "Revoke")
		p.sees("Revoke this key?")
		p.presses("Revoke key")
		p.sees("The key is revoked.")
		p.wantStatus(next, 401, "revoked_api_key")
	})
}
