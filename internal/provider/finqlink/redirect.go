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
	LinkID    string `json:"link_id"`
	WebID     string `json:"web_id"`
	RequestID string `json:"request_id"`
}

// bankRedirect is the query with which a bank sends the payer back.
type bankRedirect struct{ state, code, err string }

func readRedirect(query url.Values) bankRedirect {
	return bankRedirect{state: query.Get("state"), code: query.Get("code"), err: query.Get("error")}
}

// redirectLink takes in the redirect that a direct_sca client received. It is processed at once; what the caller
// may wait for is how the bank goes on.
func (f *finqlink) redirectLink(c *provider.Call) (provider.Reply, error) {
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
	e, err := own(c, func() (*provider.Entity[Link], error) { return links.Find(c, byState, provider.Key{}.Text(r.state)) })
	if err != nil {
		return provider.Reply{}, err
	}
	if !e.Data.direct() {
		return provider.Reply{}, problem.Newf(problem.Conflict, "", "The redirect of a link of type %s is handled by the WebUI", e.Data.Options.Type)
	}
	duplicate := e.Data.SCA.Handled
	if err := handleRedirect(c, e, r); err != nil {
		return provider.Reply{}, err
	}
	return answerRedirect(c, e.ID(), duplicate, body.Sync)
}

// answerRedirect says where the payment stands: 200 once, 201 to every later call, and 202 while the bank works.
func answerRedirect(c *provider.Call, id string, duplicate, sync bool) (provider.Reply, error) {
	e, err := links.Get(c, id)
	if err != nil {
		return provider.Reply{}, err
	}
	done := http.StatusOK
	if duplicate {
		done = http.StatusCreated
	}
	switch {
	case sync && settled(e.State()):
		return redirected(c, e, done)
	case sync:
		return provider.Reply{Await: &provider.Await{For: syncPatience, Until: settles(id), Then: func(c *provider.Call) (provider.Reply, error) {
			return afterWait(c, id, done)
		}}}, nil
	case duplicate && settled(e.State()):
		return redirected(c, e, done)
	}
	return redirected(c, e, http.StatusAccepted)
}

func settles(id string) func(*provider.Call) (bool, error) {
	return func(c *provider.Call) (bool, error) {
		e, err := links.Get(c, id)
		return err == nil && (e == nil || settled(e.State())), err
	}
}

func afterWait(c *provider.Call, id string, done int) (provider.Reply, error) {
	e, err := own(c, func() (*provider.Entity[Link], error) { return links.Get(c, id) })
	if err != nil {
		return provider.Reply{}, err
	}
	if !settled(e.State()) {
		done = http.StatusAccepted
	}
	return redirected(c, e, done)
}

func redirected(c *provider.Call, e *provider.Entity[Link], status int) (provider.Reply, error) {
	app, err := appOf(c)
	reply := redirectReply{Status: shown(e.State(), version(c)), App: app, LinkID: e.ID(), WebID: e.Data.WebID, RequestID: requestID(c)}
	if status == http.StatusAccepted {
		reply.Status = inProgress
	}
	return provider.JSON(status, reply), err
}

// settled states are those that a caller waits for.
func settled(state string) bool {
	return slices.Contains([]string{submitted, completed, failed, revoked, fundsReceived, fundsRejected}, state)
}

// handleRedirect takes a bank's redirect in, once. One that comes when the link has ended already, because the
// bank did not wait, changes nothing.
func handleRedirect(c *provider.Call, e *provider.Entity[Link], r bankRedirect) error {
	page := e.Data.SCA
	if page.Handled {
		return nil
	}
	event := "approve"
	switch {
	case settled(e.State()):
		event = ""
	case r.err == accessDenied:
		event = "cancel"
	case r.err != "":
		event = "decline"
	case page.Code == "" || r.code != page.Code:
		return problem.New(problem.Refused, "invalid_input", "The code is not the one that the bank gave for this state").At("/query_string")
	}
	page.Handled = true
	links.Update(c, e)
	if event == "" {
		return nil
	}
	return links.Fire(c, e, event)
}
