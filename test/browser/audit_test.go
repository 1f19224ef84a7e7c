package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// audit tells what of the page not everybody can use.
func (p *payer) audit(language string) []string {
	p.Helper()
	found, err := chromedp.Run(p.tab, chromedp.Evaluate[[]string](fmt.Sprintf("(%s)(%q)", strings.TrimSpace(audit[strings.Index(audit, "(language)"):]), language)))
	if err != nil {
		p.Fatal(err)
	}
	return found
}

// A look that finds nothing anywhere would say that every page is good.
func TestTheAuditFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, want string }{
		"nothing":          {`<h1>Good</h1><label for="a">A</label><input id="a">`, ""},
		"headings":         {`<h1>A</h1><h3>B</h3>`, "a level of headings is left out"},
		"two titles":       {`<h1>A</h1><h1>B</h1>`, "the headings are 1,1"},
		"label":            {`<h1>A</h1><input>`, "an input has no label"},
		"name":             {`<h1>A</h1><button></button>`, "a control has no name"},
		"picture":          {`<h1>A</h1><img src="data:,">`, "a picture has no text"},
		"description":      {`<h1>A</h1><p aria-describedby="x">b</p>`, "leads nowhere"},
		"width":            {`<h1>A</h1><p style="width:3000px">b</p>`, "reaches beyond the edge"},
		"box":              {`<h1>A</h1><form style="width:9rem"><p style="width:12rem">b</p></form>`, "reaches out of its box"},
		"contrast":         {`<h1>A</h1><p style="color:#999">b</p>`, "a contrast of 2.85"},
		"glass":            {`<h1>A</h1><div style="background:linear-gradient(red,#333)"><p style="color:#111;background:rgb(255 255 255/.1)">b</p></div>`, "a contrast of"},
		"edge":             {`<h1>A</h1><label>A <input style="border:1px solid #ddd"></label>`, "the edge of an input"},
		"focus":            {`<h1>A</h1><button style="outline:0">b</button>`, "focus is not visible"},
		"order of focus":   {`<h1>A</h1><button tabindex="2">bbbb</button>`, "the order of focus"},
		"target":           {`<h1>A</h1><button style="min-height:0;height:12px;padding:0">b</button>`, "a target of"},
		"another language": {`<h1 id="ro">A</h1>`, "the language is en"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprintf(w, `<!doctype html><html lang="en"><title>T</title><style>:focus-visible{outline:3px solid}button,input{min-height:24px;min-width:24px}</style><main>%s</main>`, test.body)
			}))
			defer server.Close()
			p := visit(t, "audit", true)
			p.goTo(server.URL)
			language := "en"
			if strings.Contains(test.body, `id="ro"`) {
				language = "ro"
			}
			found := strings.Join(p.audit(language), "\n")
			if (found == "") != (test.want == "") || !strings.Contains(found, test.want) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}
