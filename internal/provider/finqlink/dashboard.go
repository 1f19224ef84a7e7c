package finqlink

import (
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/provider"
)

type dashboardData struct {
	Text           *texts
	Action, Search string
	Banks          []dashboardBank
	Found          bool
}

type dashboardBank struct {
	ID, Name, BIC, Logo string
	Rows                []dashboardRow
	Hidden              bool // the search does not want it
}

type dashboardRow struct{ ID, Currency, For, Features string }

// dashboard shows to everybody what providers/list shows to clients.
func (f *finqlink) dashboard(c *provider.Call) (provider.Reply, error) {
	t, here := speak(c, ""), c.Base()+"/dashboard"
	data := dashboardData{Text: t, Action: here, Search: c.Query.Get("q")}
	for _, b := range f.banks {
		row := b.row(t)
		row.Logo = c.Called + logoPath(b.ID)
		row.Hidden = !matches(data.Search, row.text())
		data.Banks, data.Found = append(data.Banks, row), data.Found || !row.Hidden
	}
	l := f.screens.look("dashboard")
	return show(f.screens.dashboard, http.StatusOK, f.shell(c, t, l, t.Banks, here), data)
}

func (b *bank) row(t *texts) dashboardBank {
	row := dashboardBank{ID: b.ID, Name: b.Name}
	if b.BIC != nil {
		row.BIC = *b.BIC
	}
	for _, m := range b.methods() {
		row.Rows = append(row.Rows, dashboardRow{ID: m.id(), Currency: m.currency(), For: t.about(m), Features: b.features(t)})
	}
	for _, v := range b.aisViews(v2, bankOptions{}) {
		row.Rows = append(row.Rows, dashboardRow{ID: v.ID, Currency: "", For: t.Data + ", " + t.owners(v.Owners)})
	}
	return row
}

func (b *bank) features(t *texts) string {
	if b.FundsEvents {
		return t.TellsFunds
	}
	return ""
}

// text is what a search looks at.
func (b dashboardBank) text() string {
	text := b.ID + " " + b.Name + " " + b.BIC
	for _, row := range b.Rows {
		text += " " + row.ID + " " + row.For + " " + row.Features
	}
	return text
}

// matches tells whether a text holds each word of a search, in any case and with or without its accents.
func matches(search, text string) bool {
	text = plain(text)
	for word := range strings.FieldsSeq(plain(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

var accents = strings.NewReplacer("ă", "a", "â", "a", "î", "i", "ș", "s", "ş", "s", "ț", "t", "ţ", "t")

func plain(text string) string { return accents.Replace(strings.ToLower(text)) }
