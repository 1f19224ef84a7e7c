package finqlink

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// syncPatience is how long a call with sync waits for the bank, in workspace time.
const syncPatience = 30 * time.Second

const (
	inProgress   = "redirect_in_progress"
	accessDenied = "access_denied"
)

type redirectReply struct {
	Status    string `json:"status"`
	App       string `json:"api_client_app"`
	LinkID    string `json:"link_id,omitzero"`
	ConsentID string `json:"consent_id,omitzero"`
	WebID     string `json:"web_id"`
	RequestID string `json:"request_id"`
}

// bankRedirect is the query with which a bank sends the payer back.
type bankRedirect struct{ state, code, err string }

func readRedirect(query url.Values) bankRedirect {
	return bankRedirect{state: query.Get("state"), code: query.Get("code"), err: query.Get("error")}
}

// redirectLink takes in the redirect that a direct_sca client received for a payment link.
func redirectLink(c *provider.Call) (provider.Reply, error) {
	return takeRedirect(c, linkID, "")
}

// redirectConsent is the same for a consent.
func redirectConsent(c *provider.Call) (provider.Reply, error) {
	return takeRedirect(c, consentID, "consent_not_found")
}

// takeRedirect processes the redirect at once; what the caller may wait for is how the bank goes on. One whose state is
// not that of an order with that sort of id and of the calling client is not found, with the code unknown.
func takeRedirect(c *provider.Call, id, unknown string) (provider.Reply, error) {
	var body struct {
		Query string `json:"query_string"`
		Sync  bool   `json:"sync"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	query, err := url.ParseQuery(strings.TrimPrefix(body.Query, "?"))
	if err != nil {
		return provider.Reply{}, problem.New(problem.Invalid, "", "is not a well encoded query").At("/query_string")
	}
	r := readRedirect(query)
	o, err := findOrder(c, byState, r.state)
	if err != nil {
		return provider.Reply{}, err
	}
	if o == nil || o.words().id != id || o.Client() != c.Principal.Client {
		return provider.Reply{}, problem.New(problem.NotFound, unknown, "Nothing of this client waits for a redirect with this state")
	}
	if !o.common().direct() {
		return provider.Reply{}, problem.Newf(problem.Conflict, "", "The redirect of a %s of type %s is handled by the WebUI", o.words().thing, o.common().Options.Type)
	}
	duplicate := o.common().SCA.Handled
	if err := handleRedirect(c, o, r); err != nil {
		return provider.Reply{}, err
	}
	return answerRedirect(c, o, duplicate, body.Sync)
}

// answerRedirect says where it stands: 200 once, 201 to every later call, and 202 while the bank works.
func answerRedirect(c *provider.Call, o order, duplicate, sync bool) (provider.Reply, error) {
	done := http.StatusOK
	if duplicate {
		done = http.StatusCreated
	}
	switch {
	case o.settled() && (sync || duplicate):
		return redirected(c, o, done)
	case sync:
		state := o.common().SCA.State
		return provider.Reply{Await: &provider.Await{For: syncPatience, Until: settles(state), Then: func(c *provider.Call) (provider.Reply, error) {
			return afterWait(c, state, done)
		}}}, nil
	}
	return redirected(c, o, http.StatusAccepted)
}

func settles(state string) func(*provider.Call) (bool, error) {
	return func(c *provider.Call) (bool, error) {
		o, err := findOrder(c, byState, state)
		return err == nil && (o == nil || o.settled()), err
	}
}

func afterWait(c *provider.Call, state string, done int) (provider.Reply, error) {
	o, err := findOrder(c, byState, state)
	if err == nil && o == nil {
		err = problem.New(problem.NotFound, "", "What the redirect was for is gone")
	}
	if err != nil {
		return provider.Reply{}, err
	}
	if !o.settled() {
		done = http.StatusAccepted
	}
	return redirected(c, o, done)
}

func redirected(c *provider.Call, o order, status int) (provider.Reply, error) {
	app, err := appOf(c)
	reply := redirectReply{Status: shown(o.State(), version(c)), App: app, WebID: o.common().WebID, RequestID: requestID(c)}
	switch o.words().id {
	case linkID:
		reply.LinkID = o.ID()
	case consentID:
		reply.ConsentID = o.ID()
	}
	if status == http.StatusAccepted {
		reply.Status = inProgress
	}
	return provider.JSON(status, reply), err
}

// settledLink are the states of a link that a caller waits for.
func settledLink(state string) bool {
	return slices.Contains([]string{submitted, completed, failed, revoked, fundsReceived, fundsRejected}, state)
}

// handleRedirect takes a bank's redirect in, once. One that comes when it has ended already, because the bank did not
// wait, changes nothing.
func handleRedirect(c *provider.Call, o order, r bankRedirect) error {
	page := o.common().SCA
	if page.Handled {
		return nil
	}
	event := "approve"
	switch {
	case o.settled():
		page.Handled = true
		o.update(c)
		return nil
	case r.err == accessDenied:
		return o.cancel(c)
	case r.err != "":
		event = "decline"
	case page.Code == "" || r.code != page.Code:
		return problem.New(problem.Refused, "invalid_input", "The code is not the one that the bank gave for this state").At("/query_string")
	}
	return decide(c, o, event)
}
