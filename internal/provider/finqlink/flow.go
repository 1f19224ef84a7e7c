package finqlink

import (
	"cmp"
	"strconv"
	"time"

	"github.com/mockbank/mockbank/internal/provider"
)

// flow is what links and consents have in common: the way to a bank's page and back.
type flow struct {
	WebID      string      `json:"web_id"`
	APIVersion string      `json:"api_version"` // v1, v2 or test: through which it was made
	Options    linkOptions `json:"options"`
	Tracking   tracking    `json:"tracking,omitzero"`
	StartedAt  time.Time   `json:"started_at,omitzero"`
	ExpiresAt  time.Time   `json:"expires_at"`

	Language string   `json:"language,omitzero"`  // of the pages, where the person chose one
	MethodID string   `json:"method_id,omitzero"` // once it is chosen
	Payer    *payerAt `json:"service_provider,omitzero"`
	SCA      *sca     `json:"sca,omitzero"`

	// Of consents only: at the bank the user cancelled and may try again, and did so that often.
	Cancelled bool `json:"cancelled,omitzero"`
	Tries     int  `json:"tries,omitzero"`

	FailureCode    string `json:"failure_code,omitzero"` // of ISO 20022
	FailureMessage string `json:"failure_message,omitzero"`
}

// linkOptions are as they were sent, completed but for expires_in, whose default is not stored: there may be a million.
type linkOptions struct {
	Type         string `json:"type"`
	ExpiresIn    int    `json:"expires_in,omitzero"` // seconds
	UserEditable bool   `json:"user_editable,omitzero"`
	Template     string `json:"ux_template,omitzero"`
	CallbackURL  string `json:"callback_url,omitzero"`
	RedirectURL  string `json:"redirect_url,omitzero"`
}

// life is for how long a link can be opened.
func (o *linkOptions) life() time.Duration {
	return time.Duration(cmp.Or(o.ExpiresIn, defaultLife)) * time.Second
}

// optionsView shows them all.
type optionsView struct {
	Type         string `json:"type"`
	ExpiresIn    int    `json:"expires_in"`
	UserEditable bool   `json:"user_editable"`
	Template     string `json:"ux_template,omitzero"`
	CallbackURL  string `json:"callback_url,omitzero"`
	RedirectURL  string `json:"redirect_url,omitzero"`
}

func (o linkOptions) view() optionsView {
	o.ExpiresIn = cmp.Or(o.ExpiresIn, defaultLife)
	return optionsView(o)
}

type tracking struct {
	CustomerRef string `json:"customer_ref,omitzero"`
	PaymentRef  string `json:"payment_ref,omitzero"`
}

// payerAt is the bank that the payer chose.
type payerAt struct {
	ID          string `json:"provider_id"`
	FundsEvents bool   `json:"funds_events"`
}

// sca is the strong customer authentication at the bank: its page, and what its redirect must carry.
type sca struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Code      string    `json:"code,omitzero"`         // given to the payer who approved
	User      string    `json:"user,omitzero"`         // who logged in
	Wrong     int       `json:"wrong_logins,omitzero"` // so far
	Handled   bool      `json:"handled,omitzero"`      // the redirect was taken in
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// mostIndexes is how many keys a link or a consent has.
const mostIndexes = 5

// flowIndexes find one link or consent, by what its pages and the bank's redirect name.
func flowIndexes(w *flow) []provider.Index {
	all := make([]provider.Index, 0, mostIndexes)
	all = append(all, provider.Index{Name: byWebID, Unique: true, Key: provider.Key{}.Text(w.WebID)})
	if w.SCA != nil {
		all = append(all,
			provider.Index{Name: bySCA, Unique: true, Key: provider.Key{}.Text(w.SCA.ID)},
			provider.Index{Name: byState, Unique: true, Key: provider.Key{}.Text(w.SCA.State)})
	}
	return all
}

func (w *flow) choose(methodID string, b *bank) {
	w.MethodID = methodID
	w.Payer = &payerAt{ID: b.ID, FundsEvents: b.FundsEvents}
}

// openSCA gives the way its page at the bank, unless it has one. Each try has a page of its own.
func (w *flow) openSCA(name provider.Name, now time.Time) {
	if w.SCA != nil {
		return
	}
	purpose := "sca"
	if w.Tries > 0 {
		purpose += " " + strconv.Itoa(w.Tries+1)
	}
	w.SCA = &sca{ID: name.Text(purpose, 24, letters), State: name.Text(purpose+" state", 24, letters), CreatedAt: now}
}

// direct tells the flow types whose bank is asked inside create.
func (w *flow) direct() bool { return w.Options.Type == flowDirect || w.Options.Type == flowRedirect }

func (w *flow) expired(now time.Time) bool { return !now.Before(w.ExpiresAt) }

func (w *flow) webURL(base string) string { return base + "/web/" + w.WebID }

// entryURL is where a person begins: on the WebUI, or for the direct types at the bank.
func (w *flow) entryURL(base string) string {
	if w.direct() {
		return w.scaURL(base)
	}
	return w.webURL(base)
}

// shownURL is the same as the API shows it later: not at all for the direct types.
func (w *flow) shownURL(base string) *string {
	if w.direct() {
		return nil
	}
	url := w.webURL(base)
	return &url
}

// scaURL is the page of the bank; empty before there is one.
func (w *flow) scaURL(base string) string {
	if w.SCA == nil || w.Payer == nil {
		return ""
	}
	return base + "/bank/" + w.Payer.ID + "/sca/" + w.SCA.ID
}

// qrURL is the picture of the WebUI's address; empty for the direct types, whose address nobody hands on.
func (w *flow) qrURL(base string) string {
	if w.direct() {
		return ""
	}
	return w.webURL(base) + "/qr.svg"
}
