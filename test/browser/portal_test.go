package browser

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func (p *payer) portal() string { return house.Base + "/w/" + p.workspace + "/1link-portal" }

// ticks a box by its label.
func (p *payer) ticks(label string) {
	p.Helper()
	p.do(chromedp.Click(fmt.Sprintf("//label[normalize-space()=%q]/input", label)))
}

// text is what stands in an element.
func (p *payer) text(selector string) string {
	p.Helper()
	text, err := chromedp.Run(p.tab, chromedp.Text(selector))
	if err != nil {
		p.Fatalf("%s: %v, on this page:\n%s", selector, err, p.page())
	}
	return strings.TrimSpace(text)
}

// signsUp makes an account, whose mail is read in the mailbox.
func (p *payer) signsUp() {
	p.Helper()
	p.goTo(p.portal() + "/")
	p.sees("Build on 1LINK")
	p.follows("//header", "Sign up")
	p.types("Name", "Nadia New")
	p.types("Organisation", "New Ltd")
	p.chooses("Business")
	p.types("Email", "nadia@example.test")
	p.types("Password", "long enough")
	p.ticks("I accept the Terms and Conditions")
	p.ticks("I accept the Privacy Policy")
	p.picture("sign up")
	p.presses("Sign up")
	p.sees("Look into your mail")
	p.follows("//main", "Open the mailbox")
	p.sees("Activate your 1LINK developer account")
	p.clicks("//main//a[contains(@href, '/user/activate/')]")
	p.sees("Your account is active.")
	p.types("Email", "nadia@example.test")
	p.types("Password", "long enough")
	p.presses("Sign in")
}

// What the frequently asked questions say of the portal, somebody lives: from signing up to the secret that is reset.
func TestADeveloperComesToThePortal(t *testing.T) {
	t.Parallel()
	both(t, "portal", func(t *testing.T, p *payer) {
		p.signsUp()
		p.sees("You have no application yet")
		p.follows("//main", "Register an application")
		p.types("Name", "Shop")
		p.presses("Register")
		p.sees("The application was registered.")
		secret := p.text("//code[@id='client-secret']")
		if id := p.text("//code[@id='client-id']"); id != "mock-client-id-0000000000000004" {
			t.Errorf("the client ID is %s", id)
		}

		p.follows("//nav", "API Products")
		p.follows("//main", "IBFT")
		p.sees("Plans")
		p.follows(rowOf("At once"), "Subscribe")
		p.presses("Subscribe")
		p.sees("It can be used at once.")

		p.follows("//nav", "API Products")
		p.follows("//main", "IBFT")
		p.follows("//main", "Title Fetch")
		p.sees("Operations")
		p.clicks("//details[@id='titleFetch']//a[contains(@href, '/try')]")
		p.types("Client Secret", secret)
		p.presses("Get token")
		p.sees("200 OK")
		p.presses("Try")
		p.do(chromedp.WaitVisible("//pre[contains(., 'MOCK CUSTOMER TWO')]"))
		p.picture("answer")

		p.follows("//nav", "Apps")
		p.follows("//main", "Shop")
		p.do(chromedp.WaitVisible("//*[name()='svg'][@aria-label='Title Fetch: 1 of 100 per hour']"))
		p.picture("usage")
		p.clicks("//a[contains(@href, '/reset-secret')]")
		p.sees("Reset the client secret?")
		p.presses("Reset")
		p.sees("The client secret was reset.")
		next := p.text("//code[@id='client-secret']")
		if next == secret {
			t.Error("the secret is the old one")
		}
		p.clicks("//a[contains(@href, '/verify')]")
		p.types("Client Secret", next)
		p.presses("Verify")
		p.sees("This is the secret of")
	})
}

// looks at a page with the eyes of those who could not use a bad one.
func TestThePortalCanBeUsedByAll(t *testing.T) {
	t.Parallel()
	for s, screen := range []size{phone, desk} {
		t.Run(screen.name, func(t *testing.T) {
			t.Parallel()
			w := walks(t, "portal-"+screen.name, screen, spoken[0])
			w.goTo(w.portal() + "/user/login?to=/apps/1")
			w.wears("Sign in")
			w.types("Email", "admin@example.test")
			w.types("Password", "mock-password-2")
			w.presses("Sign in")
			w.wears("Mock App One")
			pages := map[string]string{
				"/": "Build on 1LINK", "/faq-page": "What is a plan?", "/product": "API Products", "/product/Raast%20RTP": "Plans", "/node/1": "Fetch the title of an account", "/node/5": "1BILL over SOAP",
				"/apps": "Apps", "/apps/new": "Register an application", "/apps/3": "Mock App Three", "/apps/1/reset-secret": "Reset the client secret?", "/forum": "Forum", "/support": "Support",
				"/admin/requests": "Administration", "/terms": "Terms and Conditions", "/nothing": "There is nothing here",
			}
			for i, path := range slices.Sorted(maps.Keys(pages)) {
				if *everyLook || i%2 == s {
					w.goTo(w.portal() + path)
					w.wears(pages[path])
				}
			}
		})
	}
}
