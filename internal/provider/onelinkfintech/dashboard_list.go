package onelinkfintech

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// tableRows is how many rows a page of a table has.
const tableRows = 25

func keyPath(id string) string { return keysPath + "/" + url.PathEscape(id) }

// query writes pairs of name and value behind a path; a pair without value is left out.
func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// list fills a table with one page of a collection. Cursors and filters are those of the API.
func list[T any, D interface {
	*T
	origin() *Origin
}](v *visit, from collection[T, D], path string, table *pages.Table, row func(*provider.Entity[T]) []pages.Cell) error {
	part, err := from.part(v.Call)
	if err != nil {
		return err
	}
	var ids []string
	more := false
	err = from.kind.List(v.Call, byPlace, part, func(e *provider.Entity[T]) (bool, error) {
		if more = len(ids) == tableRows; more {
			return false, nil
		}
		ids, table.Rows = append(ids, e.ID()), append(table.Rows, row(e))
		return true, nil
	})
	if part.Reverse {
		slices.Reverse(ids)
		slices.Reverse(table.Rows)
	}
	v.turn(table, path, from.filters, ids, part.Reverse, more)
	return err
}

// turn gives a table its neighbours. A page that was reached from one side has a neighbour there.
func (v *visit) turn(table *pages.Table, path string, filters, ids []string, backwards, more bool) {
	if len(ids) == 0 {
		return
	}
	page := func(cursor, id string) string {
		pairs := []string{cursor, id}
		for _, filter := range filters {
			pairs = append(pairs, filter, v.Query.Get(filter))
		}
		return v.here(path + query(pairs...))
	}
	if backwards && more || v.Query.Get("starting_after") != "" {
		table.Newer = page("ending_before", ids[0])
	}
	if backwards || more {
		table.Older = page("starting_after", ids[len(ids)-1])
	}
}

func openAccounts(v *visit) (provider.Reply, error) {
	table := &pages.Table{
		Caption: "Accounts, the newest first", Empty: "There is no account yet: they are opened by the API.",
		Columns: []pages.Column{{Label: "Account"}, {Label: "Owner", Wraps: true}, {Label: "Status"}, {Label: "Created"}, {Label: "Balance", Number: true}},
	}
	err := list(v, accounts, accountsPath, table, func(e *provider.Entity[Account]) []pages.Cell {
		owner := text(e.Data.Owner.Name)
		owner.Note = e.Data.Owner.Email
		return []pages.Cell{v.object(e.ID()), owner, state(e.State()), when(stamp(e.Created())), amount(e.Data.Balance, e.Data.Currency)}
	})
	if err != nil {
		return provider.Reply{}, err
	}
	return v.page(http.StatusOK, deskData{Title: "Accounts", Lead: "What the platform opened for its users, and its own settlement accounts.", Table: table})
}

// objects are where things of each sort have their pages, by how their ids begin.
var objects = map[string]string{"acc_": accountsPath, "pay_": paymentsPath, "rec_": recipientsPath}

// object is a cell with an id, which leads to the page of what it names.
func (v *visit) object(id string) pages.Cell {
	cell := code(id)
	cell.URL = v.here(objects[id[:len("acc_")]] + "/" + url.PathEscape(id))
	return cell
}

// found finds what the path names among the platform's own.
func found[T any, D interface {
	*T
	origin() *Origin
}](v *visit, in collection[T, D]) (*provider.Entity[T], error) {
	e, err := in.find(v.Call, v.Params["id"])
	if err == nil && e == nil {
		err = unknown(in.object, v.Params["id"], "path:id")
	}
	return e, err
}

func openAccount(v *visit) (provider.Reply, error) {
	e, err := found(v, accounts)
	if err != nil {
		return provider.Reply{}, err
	}
	a := viewAccount(e, nil).(accountView)
	facts := []pages.Fact{
		{Name: "Balance", Cell: amount(a.Balance, a.Currency)},
		{Name: "Owner", Cell: pages.Cell{Text: a.Owner.Name, Note: a.Owner.Email}},
		{Name: "IBAN", Cell: code(a.IBAN)},
		{Name: "Created", Cell: when(a.CreatedAt)},
		{Name: "Updated", Cell: when(a.UpdatedAt)},
	}
	if e.Data.Settlement {
		facts = append(facts, pages.Fact{Name: "Settlement account", Cell: v.link("The platform pays from it", settlementPath)})
	}
	return v.page(http.StatusOK, deskData{
		Trail: pages.Link{Label: "Accounts", URL: v.here(accountsPath)}, Title: a.ID, State: state(a.Status),
		Action: v.paymentsTo(a.ID), Facts: append(facts, metadataFacts(e.Data.Metadata)...),
	})
}

// metadataFacts are those that the client gave, in the order of their names.
func metadataFacts(given map[string]string) (facts []pages.Fact) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		facts = append(facts, pages.Fact{Name: "metadata." + name, Cell: text(given[name])})
	}
	return facts
}

func (v *visit) paymentsTo(id string) pages.Link {
	return pages.Link{Label: "Payments to it", URL: v.here(paymentsPath + query("recipient", id))}
}

func openPayments(v *visit) (provider.Reply, error) {
	table := &pages.Table{
		Caption: "Payments, the newest first", Empty: "There is no payment: they are made by the API.",
		Columns: []pages.Column{{Label: "Payment"}, {Label: "To"}, {Label: "Description", Wraps: true}, {Label: "Status"}, {Label: "Created"}, {Label: "Amount", Number: true}},
	}
	err := list(v, payments, paymentsPath, table, func(e *provider.Entity[Payment]) []pages.Cell {
		return []pages.Cell{
			v.object(e.ID()), v.object(e.Data.Recipient), described(e.Data.Description), state(e.State()), when(stamp(e.Created())), amount(e.Data.Amount, e.Data.Currency),
		}
	})
	if err != nil {
		return provider.Reply{}, err
	}
	data := deskData{Title: "Payments", Lead: "What the platform paid from its settlement accounts.", Table: table}
	if to := v.Query.Get("recipient"); to != "" {
		data.Lead, data.Action = "Those to "+to+".", pages.Link{Label: "All payments", URL: v.here(paymentsPath)}
	}
	return v.page(http.StatusOK, data)
}

func described(text *string) (cell pages.Cell) {
	if text == nil || *text == "" {
		return pages.Cell{Text: "–"}
	}
	return pages.Cell{Text: *text}
}

func openPayment(v *visit) (provider.Reply, error) {
	e, err := found(v, payments)
	if err != nil {
		return provider.Reply{}, err
	}
	p := viewPayment(e, nil).(paymentView)
	facts := []pages.Fact{
		{Name: "Amount", Cell: amount(p.Amount, p.Currency)},
		{Name: "From", Cell: v.object(p.Sender)},
		{Name: "To", Cell: v.object(p.Recipient)},
		{Name: "Description", Cell: described(p.Description)},
	}
	if p.Failure != nil {
		facts = append(facts, pages.Fact{Name: "Failure", Cell: pages.Cell{Text: p.Failure.Code, Code: true, Note: p.Failure.Message}})
	}
	facts = append(facts, pages.Fact{Name: "Created", Cell: when(p.CreatedAt)}, pages.Fact{Name: "Updated", Cell: when(p.UpdatedAt)})
	return v.page(http.StatusOK, deskData{
		Trail: pages.Link{Label: "Payments", URL: v.here(paymentsPath)}, Title: p.ID, State: state(p.Status),
		Facts: append(facts, metadataFacts(e.Data.Metadata)...),
	})
}

func openRecipients(v *visit) (provider.Reply, error) {
	table := &pages.Table{
		Caption: "Recipients, the newest first", Empty: "There is no recipient yet: they are made by the API.",
		Columns: []pages.Column{{Label: "Recipient"}, {Label: "Name", Wraps: true}, {Label: "IBAN"}, {Label: "Currency"}, {Label: "Status"}, {Label: "Created"}},
	}
	err := list(v, recipients, recipientsPath, table, func(e *provider.Entity[Recipient]) []pages.Cell {
		return []pages.Cell{v.object(e.ID()), text(e.Data.Name), code(e.Data.IBAN), text(e.Data.Currency), state(e.State()), when(stamp(e.Created()))}
	})
	if err != nil {
		return provider.Reply{}, err
	}
	return v.page(http.StatusOK, deskData{
		Title: "Recipients", Table: table,
		Lead: "Bank accounts outside. The " + strconv.Itoa(len(v.Recipients)) + " magic ones, such as " + v.Recipients[0].ID + ", stand in no list.",
	})
}

// openRecipient shows a recipient of the platform, or a magic one.
func openRecipient(v *visit) (provider.Reply, error) {
	if i := v.magic(v.Params["id"]); i >= 0 {
		return v.showRecipient(v.viewMagic(i), nil, "Magic: it tells a story, exists on every platform and takes any currency.")
	}
	e, err := found(v, recipients)
	if err != nil {
		return provider.Reply{}, err
	}
	return v.showRecipient(viewRecipient(e, nil).(recipientView), e.Data.Metadata, "")
}

func (v *visit) showRecipient(r recipientView, given map[string]string, lead string) (provider.Reply, error) {
	facts := []pages.Fact{
		{Name: "Name", Cell: text(r.Name)}, {Name: "IBAN", Cell: code(r.IBAN)}, {Name: "Currency", Cell: text(r.Currency)},
		{Name: "Email", Cell: described(r.Email)}, {Name: "Created", Cell: when(r.CreatedAt)}, {Name: "Updated", Cell: when(r.UpdatedAt)},
	}
	return v.page(http.StatusOK, deskData{
		Trail: pages.Link{Label: "Recipients", URL: v.here(recipientsPath)}, Title: r.ID, State: state(r.Status), Lead: lead,
		Action: v.paymentsTo(r.ID), Facts: append(facts, metadataFacts(given)...),
	})
}
