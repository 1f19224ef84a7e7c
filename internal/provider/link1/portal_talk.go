package link1

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The forum, where developers and experts of 1LINK answer each other, and tickets to support.

func (l *link) talkPages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	return []provider.Page{
		{Name: "page.forum", Method: get, Path: forumPath, Handler: provider.Read(l.open(openForum))},
		{Name: "page.topic_new", Method: get, Path: forumPath + "/new", Handler: provider.Read(l.seen(openNewTopic))},
		{Name: "page.topic_new_sent", Method: post, Path: forumPath + "/new", Handler: provider.Write(l.sent(beginTopic))},
		{Name: "page.topic", Method: get, Path: forumPath + "/:topic", Handler: provider.Read(l.open(ofTopic(openTopic)))},
		{Name: "page.topic_sent", Method: post, Path: forumPath + "/:topic", Handler: provider.Write(l.sent(ofTopic(answerTopic)))},
		{Name: "page.support", Method: get, Path: supportPath, Handler: provider.Read(l.seen(openSupport))},
		{Name: "page.support_sent", Method: post, Path: supportPath, Handler: provider.Write(l.sent(askSupport))},
		{Name: "page.ticket", Method: get, Path: supportPath + "/:ticket", Handler: provider.Read(l.seen(ofTicket(openTicket)))},
		{Name: "page.ticket_sent", Method: post, Path: supportPath + "/:ticket", Handler: provider.Write(l.sent(ofTicket(closeTicket)))},
	}
}

// mostListed bounds a list of the desk and the forum: the newest are shown.
const mostListed = 200

// newest lists the entities of an index, the newest first.
func newest[T any](c *provider.Call, kind provider.Kind[T], index string, in provider.Key) (all []*provider.Entity[T], err error) {
	err = kind.List(c, index, provider.Range{Prefix: in}, func(e *provider.Entity[T]) (bool, error) {
		all = append(all, e)
		return true, nil
	})
	slices.SortStableFunc(all, func(a, b *provider.Entity[T]) int {
		return cmp.Compare(kind.NameOf(c, b).Number, kind.NameOf(c, a).Number)
	})
	return all[:min(len(all), mostListed)], err
}

func openForum(v *visit) (provider.Reply, error) {
	all, err := newest(v.Call, topics, "all", nil)
	if err != nil {
		return provider.Reply{}, err
	}
	table := &pages.Table{Caption: "Topics", Empty: "Nobody has asked anything yet.", Columns: []pages.Column{
		{Label: "Topic", Wraps: true}, {Label: "By"}, {Label: "Answers", Number: true}, {Label: "Last post"},
	}}
	for _, e := range all {
		posts := e.Data.Posts
		title := v.leads(e.Data.Title, forumPath+"/"+e.ID())
		if slices.ContainsFunc(posts[1:], func(p Post) bool { return p.Expert }) {
			title.Note = "A 1LINK expert answered"
		}
		table.Rows = append(table.Rows, []pages.Cell{title, text(posts[0].By), text(strconv.Itoa(len(posts) - 1)), at(posts[len(posts)-1].At)})
	}
	return v.ok(view{
		Title: "Forum", Lead: "Ask and answer: here are other developers, and the API experts of 1LINK.", Done: v.done(),
		Action: pages.Link{Label: "New topic", URL: v.here(forumPath + "/new")}, Blocks: []block{{Table: table}},
	})
}

func topicFields() fields {
	return fields{{Name: "title", Label: "Title", Longest: 120}, {Name: "text", Label: "Text", Rows: 6, Longest: longestText}}
}

func openNewTopic(v *visit) (provider.Reply, error) {
	return v.showNewTopic(http.StatusOK, topicFields())
}

func (v *visit) showNewTopic(status int, f fields) (provider.Reply, error) {
	return v.page(status, view{
		Trail: v.toForum(), Title: "New topic", Blocks: []block{v.asks(forumPath+"/new", pages.Form{Fields: f, Button: "Post", Back: pages.Link{Label: "Cancel", URL: v.here(forumPath)}})},
	})
}

func (v *visit) toForum() pages.Link { return pages.Link{Label: "Forum", URL: v.here(forumPath)} }

func beginTopic(v *visit) (provider.Reply, error) {
	f := topicFields()
	f.fill(v)
	if f.check(); !f.good() {
		return v.showNewTopic(http.StatusBadRequest, f)
	}
	name, err := topics.Next(v.Call)
	if err != nil {
		return provider.Reply{}, err
	}
	id := strconv.FormatUint(name.Number, 10)
	_, err = topics.Create(v.Call, name, id, &Topic{Title: f.field("title").Value, Owner: v.user.ID(), Posts: []Post{v.post(f.field("text").Value)}}, provider.ChildOf(v.user))
	return goTo(v.Call, forumPath+"/"+id+query("done", "posted")), err
}

func (v *visit) post(text string) Post {
	return Post{By: v.user.Data.Name, Expert: v.user.Data.Administrator, At: v.Now(), Text: text}
}

func ofTopic(do func(*visit, *provider.Entity[Topic]) (provider.Reply, error)) doing {
	return func(v *visit) (provider.Reply, error) {
		e, err := topics.Get(v.Call, v.Params["topic"])
		if err == nil && e == nil {
			err = problem.New(problem.NotFound, "", "There is no such topic.")
		}
		if err != nil {
			return provider.Reply{}, err
		}
		return do(v, e)
	}
}

func openTopic(v *visit, e *provider.Entity[Topic]) (provider.Reply, error) {
	return v.showTopic(http.StatusOK, e, pages.Field{})
}

func (v *visit) showTopic(status int, e *provider.Entity[Topic], field pages.Field) (provider.Reply, error) {
	var posts []postView
	for _, p := range e.Data.Posts {
		posts = append(posts, postView{By: p.By, Expert: p.Expert, At: at(p.At), Text: p.Text})
	}
	shown := view{Trail: v.toForum(), Title: e.Data.Title, Done: v.done(), Blocks: []block{{Posts: posts}}}
	if v.user == nil {
		shown.Blocks = append(shown.Blocks, block{Empty: "Sign in to answer.", Next: []pages.Link{{Label: "Sign in", URL: v.here(loginPath + query("to", v.Path))}}})
		return v.page(status, shown)
	}
	field.Name, field.Label, field.Rows, field.Longest = "text", "Your answer", 5, longestText
	shown.Blocks = append(shown.Blocks, v.asks(v.Path, pages.Form{Fields: []pages.Field{field}, Button: "Post"}))
	return v.page(status, shown)
}

// mostPosts bounds a topic, which is one row of the store.
const mostPosts = 200

func answerTopic(v *visit, e *provider.Entity[Topic]) (provider.Reply, error) {
	f := topicFields()[1:]
	f.fill(v)
	if f.check(); !f.good() {
		return v.showTopic(http.StatusBadRequest, e, f[0])
	}
	if len(e.Data.Posts) >= mostPosts {
		return provider.Reply{}, problem.Newf(problem.Conflict, "", "A topic has at most %d posts: begin a new one.", mostPosts)
	}
	e.Data.Posts = append(e.Data.Posts, v.post(f[0].Value))
	topics.Update(v.Call, e)
	return goTo(v.Call, v.Path+query("done", "posted")), nil
}

// ticketTopics are what one may turn to support with.
var ticketTopics = []pages.Option{{Value: "Question", Label: "Question"}, {Value: "Suggestion", Label: "Suggestion"}, {Value: "Business proposal", Label: "Business proposal"}}

func ticketFields() fields {
	return fields{{Name: "topic", Label: "Topic", Options: ticketTopics, Value: "Question"}, {Name: "text", Label: "Text", Rows: 6, Longest: longestText}}
}

func openSupport(v *visit) (provider.Reply, error) {
	return v.showSupport(http.StatusOK, ticketFields())
}

func (v *visit) showSupport(status int, f fields) (provider.Reply, error) {
	own, err := newest(v.Call, tickets, byOwner, provider.Key{}.Text(v.user.ID()))
	if err != nil {
		return provider.Reply{}, err
	}
	form := v.asks(supportPath, pages.Form{Title: "Write to support", Fields: f, Button: "Send"})
	return v.page(status, view{
		Title: "Support", Lead: "Questions, suggestions and business proposals. What others may read is better asked in the forum.", Done: v.done(),
		Blocks: []block{{Title: "Your tickets", Table: v.ticketTable(own, supportPath, "You have written nothing yet.")}, form},
	})
}

func (v *visit) ticketTable(all []*provider.Entity[Ticket], path, empty string) *pages.Table {
	table := &pages.Table{Caption: "Tickets", Empty: empty, Columns: []pages.Column{{Label: "Ticket"}, {Label: "Topic"}, {Label: "From", Wraps: true}, {Label: "Written"}, {Label: "State"}}}
	for _, e := range all {
		table.Rows = append(table.Rows, []pages.Cell{v.leads(e.ID(), path+"/"+e.ID()), text(e.Data.Topic), text(e.Data.Email), at(e.Created()), state(e.State())})
	}
	return table
}

func askSupport(v *visit) (provider.Reply, error) {
	f := ticketFields()
	f.fill(v)
	if f.check(); !f.good() {
		return v.showSupport(http.StatusBadRequest, f)
	}
	name, err := tickets.Next(v.Call)
	if err != nil {
		return provider.Reply{}, err
	}
	_, err = tickets.Create(v.Call, name, fmt.Sprintf("TCK-%06d", name.Number), &Ticket{
		Owner: v.user.ID(), Email: v.user.Data.Email, Topic: f.field("topic").Value, Text: f.field("text").Value,
	}, provider.ChildOf(v.user))
	return goTo(v.Call, supportPath+query("done", "ticket")), err
}

// ofTicket hands on the ticket that the path names, of the user's own.
func ofTicket(do func(*visit, *provider.Entity[Ticket]) (provider.Reply, error)) doing {
	return func(v *visit) (provider.Reply, error) {
		e, err := tickets.Get(v.Call, v.Params["ticket"])
		if err == nil && (e == nil || e.Data.Owner != v.user.ID() && !v.user.Data.Administrator) {
			err = problem.New(problem.NotFound, "", "There is no such ticket of yours.")
		}
		if err != nil {
			return provider.Reply{}, err
		}
		return do(v, e)
	}
}

// ticketBlock shows what was written, and what was answered.
func ticketBlock(e *provider.Entity[Ticket]) block {
	posts := []postView{{By: e.Data.Email, At: at(e.Created()), Text: e.Data.Text}}
	if e.Data.Reply != "" {
		posts = append(posts, postView{By: "Support", Expert: true, At: at(e.Updated()), Text: e.Data.Reply})
	}
	return block{Posts: posts}
}

func openTicket(v *visit, e *provider.Entity[Ticket]) (provider.Reply, error) {
	shown := view{
		Trail: pages.Link{Label: "Support", URL: v.here(supportPath)}, Title: e.ID(), State: state(e.State()), Lead: e.Data.Topic, Blocks: []block{ticketBlock(e)},
	}
	if e.State() != "closed" {
		shown.Blocks = append(shown.Blocks, v.asks(v.Path, pages.Form{Text: "If all is said, the ticket can be closed.", Button: "Close the ticket"}))
	}
	return v.ok(shown)
}

func closeTicket(v *visit, e *provider.Entity[Ticket]) (provider.Reply, error) {
	return goTo(v.Call, supportPath+query("done", "closed")), tickets.Fire(v.Call, e, "close")
}
