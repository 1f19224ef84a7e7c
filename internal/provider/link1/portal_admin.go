package link1

import (
	"net/http"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The desk of 1LINK's administrators: requests for plans, and tickets.

func (l *link) adminPages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	ruled := func(do doing) provider.Handler { return provider.Read(l.ruled(do)) }
	acts := func(do doing) provider.Handler { return provider.Write(l.ruled(ownForm(do))) }
	return []provider.Page{
		{Name: "page.admin", Method: get, Path: adminPath, Handler: ruled(openDesk)},
		{Name: "page.admin_request", Method: get, Path: adminPath + "/:plan", Handler: ruled(ofRequest(openRequest))},
		{Name: "page.admin_decide", Method: post, Path: adminPath + "/:plan", Handler: acts(ofRequest(decideRequest))},
		{Name: "page.admin_ticket", Method: get, Path: ticketsPath + "/:ticket", Handler: ruled(ofTicket(openAnswer))},
		{Name: "page.admin_answer", Method: post, Path: ticketsPath + "/:ticket", Handler: acts(ofTicket(answerTicket))},
	}
}

func openDesk(v *visit) (provider.Reply, error) {
	open, err := newest(v.Call, subscriptions, "open", nil)
	if err != nil {
		return provider.Reply{}, err
	}
	table := &pages.Table{Caption: "Requests", Empty: "Nobody asks for a plan.", Columns: []pages.Column{
		{Label: "Plan"}, {Label: "Application", Wraps: true}, {Label: "Asked for"}, {Label: "State"},
	}}
	for _, e := range open {
		app, err := apps.Get(v.Call, e.Data.App)
		if err != nil || app == nil {
			return provider.Reply{}, err
		}
		table.Rows = append(table.Rows, []pages.Cell{v.leads(e.Data.Plan, adminPath+"/"+e.ID()), v.leads(app.Data.Name, pathOf(app)), at(e.Created()), state(e.State())})
	}
	all, err := newest(v.Call, tickets, "all", nil)
	if err != nil {
		return provider.Reply{}, err
	}
	return v.ok(view{
		Title: "Administration", Lead: "What developers ask of 1LINK. Each decision is told by mail.", Done: v.done(),
		Blocks: []block{{Title: "Requests for plans", Table: table}, {Title: "Tickets", Table: v.ticketTable(all, ticketsPath, "Nobody has written.")}},
	})
}

func (v *visit) toDesk() pages.Link {
	return pages.Link{Label: "Administration", URL: v.here(adminPath)}
}

// ofRequest hands on the subscription that the path names.
func ofRequest(do func(*visit, *provider.Entity[Subscription]) (provider.Reply, error)) doing {
	return func(v *visit) (provider.Reply, error) {
		e, err := subscriptions.Get(v.Call, v.Params["plan"])
		if err == nil && e == nil {
			err = problem.New(problem.NotFound, "", "There is no such request.")
		}
		if err != nil {
			return provider.Reply{}, err
		}
		return do(v, e)
	}
}

// decisions are the events that an administrator chooses from.
func decisions(e *provider.Entity[Subscription]) []pages.Option {
	all := []pages.Option{{Value: "approve", Label: "Approve", Hint: "The plan can be used at once"}, {Value: "refuse", Label: "Refuse"}}
	if e.State() == requested {
		all = append(all, pages.Option{Value: "ask", Label: "Ask for details", Hint: "The developer answers on the page of the request"})
	}
	return all
}

func decisionFields(e *provider.Entity[Subscription]) fields {
	return fields{{Name: "decision", Label: "Decision", Options: decisions(e)}, {Name: "message", Label: "Message", Rows: 4, Longest: longestText, Optional: true}}
}

func openRequest(v *visit, e *provider.Entity[Subscription]) (provider.Reply, error) {
	return v.showRequest(http.StatusOK, e, decisionFields(e))
}

func (v *visit) showRequest(status int, e *provider.Entity[Subscription], f fields) (provider.Reply, error) {
	app, err := apps.Get(v.Call, e.Data.App)
	if err != nil || app == nil {
		return provider.Reply{}, err
	}
	owner, err := users.Get(v.Call, app.Data.Owner)
	if err != nil || owner == nil {
		return provider.Reply{}, err
	}
	facts := []pages.Fact{
		{Name: "Application", Cell: v.leads(app.Data.Name, pathOf(app))}, {Name: "Description", Cell: text(app.Data.Description)},
		{Name: "Developer", Cell: text(owner.Data.Name + ", " + owner.Data.Email)}, {Name: "Organisation", Cell: text(owner.Data.Organisation + " (" + owner.Data.Sort + ")")},
		{Name: "Asked for", Cell: at(e.Created())},
	}
	for _, said := range []pages.Fact{{Name: "You said", Cell: text(e.Data.Reason)}, {Name: "The developer answers", Cell: text(e.Data.Answer)}} {
		if said.Text != "" {
			facts = append(facts, said)
		}
	}
	shown := view{Trail: v.toDesk(), Title: e.Data.Plan, State: state(e.State()), Blocks: []block{{Facts: facts}}}
	if e.State() == requested || e.State() == detailsAsked {
		shown.Blocks = append(shown.Blocks, v.asks(v.Path, pages.Form{Fields: f, Button: "Decide", Back: pages.Link{Label: "Cancel", URL: v.here(adminPath)}}))
	}
	return v.page(status, shown)
}

func decideRequest(v *visit, e *provider.Entity[Subscription]) (provider.Reply, error) {
	f := decisionFields(e)
	f.fill(v)
	if f.check(); !f.good() {
		return v.showRequest(http.StatusBadRequest, e, f)
	}
	e.Data.Reason = f.field("message").Value
	subscriptions.Update(v.Call, e)
	return goTo(v.Call, adminPath+query("done", "decided")), subscriptions.Fire(v.Call, e, f.field("decision").Value)
}

func openAnswer(v *visit, e *provider.Entity[Ticket]) (provider.Reply, error) {
	return v.showAnswer(http.StatusOK, e, fields{{Name: "reply", Label: "Answer", Rows: 6, Longest: longestText}})
}

func (v *visit) showAnswer(status int, e *provider.Entity[Ticket], f fields) (provider.Reply, error) {
	shown := view{Trail: v.toDesk(), Title: e.ID(), State: state(e.State()), Lead: e.Data.Topic, Blocks: []block{ticketBlock(e)}}
	if e.State() == "open" {
		shown.Blocks = append(shown.Blocks, v.asks(v.Path, pages.Form{Fields: f, Button: "Answer"}))
	}
	return v.page(status, shown)
}

func answerTicket(v *visit, e *provider.Entity[Ticket]) (provider.Reply, error) {
	f := fields{{Name: "reply", Label: "Answer", Rows: 6, Longest: longestText}}
	f.fill(v)
	if f.check(); !f.good() {
		return v.showAnswer(http.StatusBadRequest, e, f)
	}
	e.Data.Reply = f[0].Value
	tickets.Update(v.Call, e)
	return goTo(v.Call, adminPath+query("done", "replied")), tickets.Fire(v.Call, e, "answer")
}
