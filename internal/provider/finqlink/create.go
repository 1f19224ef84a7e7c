package finqlink

import (
	"strings"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

const defaultLife = 7 * 24 * 60 * 60 // seconds

type createBody struct {
	Transfer transfer    `json:"single_transfer"`
	Filter   filter      `json:"payment_method"`
	Options  linkOptions `json:"options"`
	Tracking tracking    `json:"tracking"`
}

type createdReply struct {
	RequestID string `json:"request_id"`
	CreatedAt string `json:"created_at"`
	ExpiresAt string `json:"expires_at"`
	App       string `json:"api_client_app"`
	LinkID    string `json:"link_id"`
	WebID     string `json:"web_id"`
	WebURL    string `json:"web_url"`
}

func (f *finqlink) createLink(c *provider.Call) (provider.Reply, error) {
	var body createBody
	if err := c.Bind(&body); err != nil {
		return provider.Reply{}, err
	}
	if err := body.Options.complete(c); err != nil {
		return provider.Reply{}, err
	}
	name, err := links.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	link, err := f.newLink(c, name, body)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := links.Create(c, name, name.UUID(), link)
	if err != nil {
		return provider.Reply{}, err
	}
	if made.Data.direct() && made.State() == created {
		if err := links.Fire(c, made, "pay"); err != nil {
			return provider.Reply{}, err
		}
	}
	return createdLink(c, made)
}

// complete fills in what a request may leave out, and refuses what depends on another member.
func (o *linkOptions) complete(c *provider.Call) error {
	if o.Type == "" {
		o.Type = flowLink
	}
	if o.ExpiresIn == defaultLife {
		o.ExpiresIn = 0
	}
	switch {
	case version(c) == v1:
		o.Template = ""
	case o.Template == "":
		o.Template = provider.ClientSetting[string](c, "ux_template")
	}
	if (o.Type == flowDirect || o.Type == flowRedirect) && o.RedirectURL == "" {
		return problem.Newf(problem.Invalid, "", "is required for the type %s", o.Type).At("/options/redirect_url")
	}
	return checkCallback(o.CallbackURL, "/options/callback_url")
}

// checkCallback refuses an address that webhooks may not go to; none is as good as any.
func checkCallback(url, pointer string) error {
	if url == "" {
		return nil
	}
	if err := provider.CheckTarget(url); err != nil {
		return problem.From(err).At(pointer)
	}
	return nil
}

func (f *finqlink) newLink(c *provider.Call, name provider.Name, b createBody) (*Link, error) {
	link := &Link{flow: newFlow(c, name, b.Options, b.Tracking), Transfer: b.Transfer, Filter: b.Filter.stored()}
	if b.Options.Type == flowLink {
		return link, nil
	}
	method, err := f.only(c, b.Filter)
	if err != nil {
		return nil, err
	}
	link.choose(method.id(), method.bank)
	link.openSCA(name, c.Now())
	return link, method.fits(&link.Transfer)
}

func newFlow(c *provider.Call, name provider.Name, o linkOptions, t tracking) flow {
	return flow{
		WebID: name.Text("web_id", 16, letters), APIVersion: version(c), Options: o, Tracking: t,
		ExpiresAt: c.Now().Add(o.life()),
	}
}

// only is the method of a link whose bank is asked inside create. /test knows the sandbox only.
func (f *finqlink) only(c *provider.Call, wanted filter) (method, error) {
	found, err := f.banks.only(wanted)
	if err == nil && version(c) == test && found.env != sandbox {
		err = problem.New(problem.Refused, "method_selection_error", "/test knows the environment sandbox only").At("/payment_method/env")
	}
	return found, err
}

func createdLink(c *provider.Call, e *provider.Entity[Link]) (provider.Reply, error) {
	app, err := appOf(c)
	return provider.Reply{Body: createdReply{
		RequestID: requestID(c), CreatedAt: stamp(e.Created()), ExpiresAt: stamp(e.Data.ExpiresAt), App: app,
		LinkID: e.ID(), WebID: e.Data.WebID, WebURL: e.Data.entryURL(c.Base()),
	}}, err
}

// appOf is the name of the calling client.
func appOf(c *provider.Call) (string, error) {
	client, err := c.Client(c.Principal.Client)
	if err != nil || client == nil || client.Name == "" {
		return c.Principal.Client, err
	}
	return client.Name, nil
}

// normalise takes IBANs in their printed form and schemes in any case. What is of another type is left as it
// is, for the schema to refuse.
func normalise(op *provider.Operation, body any) any {
	if op.Name != "createLink" {
		return nil
	}
	members, _ := body.(map[string]any)
	transfer, _ := members["single_transfer"].(map[string]any)
	method, _ := members["payment_method"].(map[string]any)
	changed := rewrite(transfer, "creditor_iban", money.NormaliseIBAN)
	changed = rewrite(transfer, "debtor_iban", money.NormaliseIBAN) || changed
	changed = rewrite(method, "payment_scheme", strings.ToLower) || changed
	if !changed {
		return nil
	}
	return body
}

// rewrite changes a member that is a text, and tells whether that made a difference.
func rewrite(members map[string]any, name string, by func(string) string) bool {
	text, ok := members[name].(string)
	if !ok || by(text) == text {
		return false
	}
	members[name] = by(text)
	return true
}
