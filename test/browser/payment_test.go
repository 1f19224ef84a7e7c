package browser

import (
	"testing"
)

// both runs a test with scripts and without, each in a workspace of its own.
func both(t *testing.T, workspace string, test func(t *testing.T, p *payer)) {
	for name, scripts := range map[string]bool{"scripts": true, "no-scripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, visit(t, workspace+"-"+name, scripts))
		})
	}
}

// atBank takes a payer of a link to the login of Banca Transilvania.
func (p *payer) atBank(l link) {
	p.Helper()
	p.goTo(l.WebURL)
	p.sees("Payment to Magazin Exemplu SRL")
	p.chooses("Banca Transilvania")
	p.presses("Pay")
	p.sees("One moment")
	p.advance("200ms")
	p.sees("Banca Transilvania")
}

func (p *payer) logsIn() {
	p.Helper()
	p.types("User name", "testbt")
	p.types("Password", "testbt")
	p.types("PIN", "1234567")
	p.presses("Log in")
	p.sees("Pay from")
}

func TestAPayerPaysAndComesBackToTheShop(t *testing.T) {
	t.Parallel()
	both(t, "pays", func(t *testing.T, p *payer) {
		shop := openShop(t)
		l := p.orders(map[string]any{"redirect_url": shop.URL}, map[string]any{})
		p.atBank(l)
		p.logsIn()
		p.presses("Approve")
		p.sees("Thank you")
		p.sees("Welcome back")
		back := shop.visit(t)
		if back.Get("order") != "1042" || back.Get("link_id") != l.ID || back.Get("status") != "received" || back.Get("web_id") == "" {
			t.Errorf("the payer came back with %v", back)
		}
		if got := p.status(l); got != "completed" {
			t.Errorf("the payment is %s, want completed", got)
		}
		p.goTo(l.WebURL)
		p.sees("The payment is done.")
	})
}

func TestAPayerCancelsAtTheBank(t *testing.T) {
	t.Parallel()
	both(t, "cancels", func(t *testing.T, p *payer) {
		shop := openShop(t)
		l := p.orders(map[string]any{"redirect_url": shop.URL}, map[string]any{})
		p.atBank(l)
		p.presses("Cancel")
		p.sees("The payer cancelled at the bank")
		p.sees("Welcome back")
		if got := shop.visit(t).Get("status"); got != "failed" {
			t.Errorf("the payer came back with the status %s, want failed", got)
		}
	})
}

func TestABankDeclinesAfterThreeWrongLogins(t *testing.T) {
	t.Parallel()
	both(t, "locked", func(t *testing.T, p *payer) {
		l := p.orders(map[string]any{}, map[string]any{})
		p.atBank(l)
		for range 3 {
			p.types("User name", "somebody")
			p.types("Password", "else")
			p.types("PIN", "0")
			p.presses("Log in")
		}
		p.sees("The payment failed")
		p.sees("locked after three wrong attempts")
		if got := p.status(l); got != "failed" {
			t.Errorf("the payment is %s, want failed", got)
		}
	})
}

// A user name may be a story's: what the bank does from there on is told by it.
func TestAPayerLogsInAsAStory(t *testing.T) {
	t.Parallel()
	p := visit(t, "story", true)
	l := p.orders(map[string]any{}, map[string]any{})
	p.atBank(l)
	p.types("User name", "pay_insufficient_funds+run7")
	p.types("Password", "any")
	p.types("PIN", "any")
	p.presses("Log in")
	p.sees("Pay from")
	p.presses("Approve")
	p.sees("Thank you")
	p.advance("1s")
	p.sees("The account does not hold enough money")
	if got := p.status(l); got != "failed" {
		t.Errorf("the payment is %s, want failed", got)
	}
}

// The bank's page of this type leads to the shop on another origin, and the shop posts what came to the API.
func TestAPayerOfANativePageIsSentToTheShopByTheBank(t *testing.T) {
	t.Parallel()
	both(t, "direct", func(t *testing.T, p *payer) {
		shop := openShop(t)
		l := p.orders(map[string]any{"type": "direct_sca", "redirect_url": shop.URL}, map[string]any{"provider_id": "bt_ro", "payment_scheme": "domestic"})
		p.goTo(l.WebURL)
		p.sees("Banca Transilvania")
		p.logsIn()
		p.presses("Approve")
		p.sees("Welcome back")
		back := shop.visit(t)
		if back.Get("code") == "" || back.Get("state") == "" || back.Get("order") != "1042" {
			t.Errorf("the payer came back with %v", back)
		}
		p.finqlink("/links/redirect", map[string]any{"query_string": back.Encode()})
		if got := p.status(l); got != "completed" {
			t.Errorf("the payment is %s, want completed", got)
		}
	})
}

func TestAPayerOpensALinkThatExpired(t *testing.T) {
	t.Parallel()
	p := visit(t, "expired", true)
	l := p.orders(map[string]any{"expires_in": 60}, map[string]any{})
	p.advance("61s")
	p.goTo(l.WebURL)
	p.sees("This payment link has expired")
	p.goTo(house.Base + "/finqlink/web/nothing")
	p.sees("There is nothing here")
}
