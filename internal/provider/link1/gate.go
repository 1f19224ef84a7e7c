package link1

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/soap"
)

const (
	clientIDHeader     = "X-IBM-Client-Id"
	clientSecretHeader = "X-IBM-Client-Secret"
)

// guards stand in the same order before every operation but those that anybody may call.
func (l *link) guards(op *provider.Operation) []provider.Guard {
	switch op.Name {
	case "issueToken":
		return []provider.Guard{provider.Size, provider.Media, provider.Syntax}
	case "wsdlIbft", "wsdlBill":
		return nil
	}
	return []provider.Guard{
		{Name: "client", Check: l.identify}, {Name: "plan", Check: l.admit}, {Name: "accept", Check: accepts},
		provider.Size, provider.Media, provider.Syntax,
	}
}

// identify finds the client by its id, and by its secret where that is sent. Over SOAP it has to be.
func (l *link) identify(c *provider.Call) error {
	id, secret := c.Header.Get(clientIDHeader), c.Header.Get(clientSecretHeader)
	if id == "" {
		return badClient()
	}
	client, err := c.Client(id)
	switch {
	case err != nil:
		return err
	case client == nil, secret == "" && overSOAP(c), secret != "" && !client.HasSecret(secret):
		return badClient()
	}
	c.Admit(client, nil)
	return nil
}

func badClient() error {
	return problem.New(problem.Unauthenticated, "bad_client", "Invalid client id or secret.")
}

// overSOAP tells whether the call came in an envelope, or was to.
func overSOAP(c *provider.Call) bool { return c.Enveloped != "" || strings.HasPrefix(c.Name(), "soap") }

// admit lets in what a plan of the application holds and its limits have room for, and who shows a token of it.
func (l *link) admit(c *provider.Call) error {
	client, err := c.Client(c.Principal.Client)
	if err != nil {
		return err
	}
	app, err := l.application(c, client, c.Params["catalog"])
	if err != nil {
		return err
	}
	if app == nil {
		return badClient()
	}
	p, err := l.planOf(c, app)
	if err != nil {
		return err
	}
	if err := l.reachable(c); err != nil {
		return err
	}
	if err := l.count(c, app, p); err != nil {
		return err
	}
	return checkBearer(c, app)
}

// planOf is the plan that a call counts against. An envelope that could not be opened is of the plan of any of its
// operations.
func (l *link) planOf(c *provider.Call, app *application) (*plan, error) {
	for _, operation := range l.called(c) {
		if p := holding(app.plans, operation); p != nil {
			return p, nil
		}
	}
	for _, operation := range l.called(c) {
		if holding(app.pending, operation) != nil {
			return nil, problem.New(problem.Forbidden, "pending_approval", "Access to this plan is pending approval.")
		}
	}
	return nil, badClient()
}

func (l *link) called(c *provider.Call) []string {
	for _, a := range l.APIs {
		if a.SOAP == c.Name() {
			return a.Operations
		}
	}
	return []string{c.Name()}
}

// reachable refuses the APIs that the workspace has switched off.
func (l *link) reachable(c *provider.Call) error {
	off, _ := provider.Setting[any](c, "api_offline").([]any)
	for _, a := range l.APIs {
		if slices.Contains(off, any(strings.TrimSuffix(a.ID, "_soap"))) && slices.Contains(a.Operations, c.Name()) {
			return offline()
		}
	}
	return nil
}

// offline is told by whoever switched the API off, so it is no fault of ours.
func offline() error {
	return &problem.Error{Kind: problem.Unavailable, Code: "offline", Message: "The API is offline", Status: http.StatusServiceUnavailable}
}

// window is one limit that a call counts against.
type window struct {
	key  provider.Key
	rate rate
	hard bool
}

// windows are those of the plan, and of the operation within it.
func (p *plan) windows(app *application, operation string) (all []window) {
	shared := provider.Key{}.Text("plan").Text(app.Catalog).Text(app.ID).Text(p.text())
	for _, w := range p.Limits {
		if w.Rate != (rate{}) {
			all = append(all, window{shared, w.Rate, w.Hard})
		}
	}
	for _, w := range p.Own {
		if w.Operation == operation && w.Rate != (rate{}) {
			all = append(all, window{slices.Concat(shared, provider.Key{}.Text(operation)), w.Rate, w.Hard})
		}
	}
	return all
}

// period is over how long the portal counts what it shows of an API: that of the plan's first limit, or else an hour.
func (p *plan) period() time.Duration {
	for _, w := range p.Limits {
		if w.Rate != (rate{}) {
			return w.Rate.Period
		}
	}
	return time.Hour
}

// usageKey names the count of an application's calls of an operation.
func usageKey(app *application, operation string) provider.Key {
	return provider.Key{}.Text("operation").Text(app.Catalog).Text(app.ID).Text(operation)
}

// count counts the call against every limit, tells how they stand, and refuses it where a hard one is used up.
func (l *link) count(c *provider.Call, app *application, p *plan) error {
	if _, err := c.TakeFromFirst(usageKey(app, c.Name()), p.period(), 0); err != nil {
		return err
	}
	refused := false
	var limits, left, resets []string
	for i, w := range p.windows(app, c.Name()) {
		used, err := c.TakeFromFirst(w.key, w.rate.Period, w.rate.Calls)
		if err != nil {
			return err
		}
		if app.Exhausted {
			used.Over, used.Count = true, w.rate.Calls
		}
		refused = refused || used.Over && w.hard
		name := limitName(i)
		limits = append(limits, fmt.Sprintf("name=%s,%d", name, w.rate.Calls))
		left = append(left, fmt.Sprintf("name=%s,%d", name, max(0, w.rate.Calls-used.Count)))
		resets = append(resets, fmt.Sprintf("name=%s,%d", name, seconds(used.Reset.Sub(c.Now()))))
	}
	if len(limits) > 0 {
		c.Reply.Set("X-RateLimit-Limit", strings.Join(limits, "; "))
		c.Reply.Set("X-RateLimit-Remaining", strings.Join(left, "; "))
		c.Reply.Set("X-RateLimit-Reset", strings.Join(resets, "; "))
	}
	if refused {
		return problem.New(problem.TooManyRequests, "rate_limit", "Rate Limit exceeded")
	}
	return nil
}

func limitName(i int) string {
	if i == 0 {
		return "rate-limit"
	}
	return fmt.Sprintf("rate-limit-%d", i+1)
}

// seconds rounds up: at that time the window is over.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// accepts wants a caller who takes what is sent.
func accepts(c *provider.Call) error {
	want := "application/json"
	if overSOAP(c) {
		want = soap.Media
	}
	sent := c.Header.Values("Accept")
	if len(sent) == 0 {
		return nil
	}
	family, _, _ := strings.Cut(want, "/")
	for part := range strings.SplitSeq(strings.Join(sent, ","), ",") {
		media, _, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(media)) {
		case want, family + "/*", "*/*", "":
			return nil
		}
	}
	return problem.New(problem.NotAcceptable, "not_acceptable", http.StatusText(http.StatusNotAcceptable))
}
