package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// focused tells where the keyboard is: a word for it, its place from the top of the page, and whether a person sees that.
const focused = `(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return { what: "" };
  const name = e.type === "radio" ? "bank" : e.id || e.textContent.trim();
  const bearer = e.closest(".choice") || e;
  const box = bearer.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const style = [e, bearer].map((b) => getComputedStyle(b)).find((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2);
  const chain = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
  let at = 0;
  while (chain.nextNode() && chain.currentNode !== e) at++;
  return { what: name, at, visible: Boolean(style), free: Boolean(top && (bearer.contains(top) || top.contains(bearer))) };
})()`

// stop is one place where the keyboard comes to.
type stop struct {
	What    string  `json:"what"`
	At      float64 `json:"at"` // in the order of the page
	Visible bool    `json:"visible"`
	Free    bool    `json:"free"` // nothing lies over it
}

// tabs presses Tab until the keyboard is where it is looked for, and tells of all stops on the way.
func (p *payer) tabs(to string) (way []string) {
	p.Helper()
	last := -1.0
	for range 40 {
		p.do(chromedp.KeyEvent("\t"))
		at, err := chromedp.Run(p.tab, chromedp.Evaluate[stop](focused))
		if err != nil {
			p.Fatal(err)
		}
		if at.At <= last {
			p.Errorf("focus goes back to %q, which stands before what came last", at.What)
		}
		if !at.Visible || !at.Free {
			p.Errorf("focus on %q: an outline %v, uncovered %v", at.What, at.Visible, at.Free)
		}
		last = at.At
		if way = append(way, at.What); at.What == to {
			return way
		}
	}
	p.Fatalf("the keyboard never came to %q, only to %q", to, way)
	return nil
}

// strikes a key, which leads to another page.
func (p *payer) strikes(key, sees string) {
	p.Helper()
	p.do(chromedp.KeyEvent(key))
	p.sees(sees)
}

// A payer without a mouse pays in every template: focus goes as the page reads, is seen, and lies under nothing.
func TestAPayerPaysByKeyboard(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"default", "classic", "compact", "cards", "glass", "sheet"} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			p := visit(t, "keyboard-"+template, true)
			p.goTo(p.orders(map[string]any{"ux_template": template}, map[string]any{"provider_id": "rzb_ro"}).WebURL)
			p.sees("Payment to Magazin Exemplu SRL")
			way := strings.Join(p.tabs("bank"), ", ")
			if !strings.HasPrefix(way, "Skip to the content") {
				t.Errorf("the way to the banks is %s", way)
			}
			p.do(chromedp.KeyEvent(" "))
			p.tabs("Pay")
			p.strikes("\r", "One moment")
			p.advance("200ms")
			p.sees("Raiffeisen")
			p.tabs("user")
			p.do(chromedp.KeyEvent("9999999998"))
			p.strikes("\r", "9999999998")
			p.tabs("Approve")
			p.strikes("\r", "Thank you")
		})
	}
}
