package finqlink

import (
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// linkView is a link as the API shows it. In a list there is no request_id but a keyset.
type linkView struct {
	RequestID  string      `json:"request_id,omitzero"`
	App        string      `json:"api_client_app"`
	LinkID     string      `json:"link_id"`
	WebID      string      `json:"web_id"`
	WebURL     *string     `json:"web_url"`
	Status     string      `json:"status"`
	Expired    bool        `json:"is_expired"`
	ExpiresAt  string      `json:"expires_at"`
	Method     *methodView `json:"payment_method"`
	Bank       *chosenBank `json:"service_provider"`
	InsertedAt string      `json:"inserted_at"`
	StartedAt  *string     `json:"started_at"`
	UpdatedAt  string      `json:"updated_at"`
	Transfer   transfer    `json:"single_transfer"`
	Options    optionsView `json:"options"`
	Tracking   *tracking   `json:"tracking"`
	Keyset     string      `json:"keyset,omitzero"`
}

type chosenBank struct {
	ID      string  `json:"provider_id"`
	Name    string  `json:"name"`
	BIC     *string `json:"bic"`
	Country string  `json:"country"`
}

func (b *bank) chosen() *chosenBank {
	return &chosenBank{ID: b.ID, Name: b.Name, BIC: b.BIC, Country: b.Country}
}

func (f *finqlink) view(c *provider.Call, e *provider.Entity[Link], app string) linkView {
	l := e.Data
	v := linkView{
		App: app, LinkID: e.ID(), WebID: l.WebID, WebURL: l.shownURL(c.Base()), Status: shown(e.State(), version(c)),
		Expired: l.expired(c.Now()), ExpiresAt: stamp(l.ExpiresAt),
		InsertedAt: stamp(e.Created()), StartedAt: stampOrNull(l.StartedAt), UpdatedAt: stamp(e.Updated()),
		Transfer: l.Transfer, Options: l.Options.view(),
	}
	if l.Tracking != (tracking{}) {
		v.Tracking = &l.Tracking
	}
	if m, ok := f.banks.method(l.MethodID); ok {
		view := m.view(l.remitter(m, version(c)))
		v.Method = &view
		v.Bank = m.bank.chosen()
	}
	return v
}

// remitter is the remitter_type of the chosen method: all that it serves, and in v1 the one that was asked for.
func (l *Link) remitter(m method, version string) any {
	switch {
	case version != v1:
		return m.remitters
	case l.Filter.RemitterType != "":
		return l.Filter.RemitterType
	}
	return m.remitters[0]
}

func (f *finqlink) getLink(c *provider.Call) (provider.Reply, error) {
	var body struct {
		LinkID string `json:"link_id"`
		WebID  string `json:"web_id"`
	}
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	if body.LinkID == "" && body.WebID == "" {
		return provider.Reply{}, problem.New(problem.Invalid, "", "is required, or web_id instead").At("/link_id")
	}
	e, err := own(c, func() (*provider.Entity[Link], error) {
		if body.LinkID != "" {
			return links.Get(c, body.LinkID)
		}
		return links.Find(c, byWebID, provider.Key{}.Text(body.WebID))
	})
	if err != nil {
		return provider.Reply{}, err
	}
	app, err := appOf(c)
	view := f.view(c, e, app)
	view.RequestID = requestID(c)
	return provider.Reply{Body: view}, err
}

// own finds a link of the calling client. Another client's is not found.
func own(c *provider.Call, find func() (*provider.Entity[Link], error)) (*provider.Entity[Link], error) {
	e, err := find()
	if err == nil && (e == nil || e.Client() != c.Principal.Client) {
		err = problem.New(problem.NotFound, "", "There is no such payment link")
	}
	return e, err
}
