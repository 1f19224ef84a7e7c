package link1

import (
	"fmt"
	"time"

	"github.com/mockbank/mockbank/internal/money"
	"github.com/mockbank/mockbank/internal/provider"
)

const preCalls provider.Kind[PreCall] = "pre_rtp"

// PreCall finds a payer, and issues the rtpId that one request to pay may have.
type PreCall struct {
	App     string    `json:"app"`
	RRN     string    `json:"rrn"`
	Payer   string    `json:"payer"` // the account or the number that was asked for
	IBAN    string    `json:"iban"`
	Expires time.Time `json:"expires_at"`
	Used    bool      `json:"used,omitzero"`
}

const preLife = 30 * time.Minute

// The states of a pre call.
const (
	fresh = "fresh"
	used  = "used"
)

func preKind() provider.KindDef {
	return preCalls.Define(provider.Def[PreCall]{State: (*PreCall).state})
}

func (p *PreCall) state(now time.Time) string {
	switch {
	case p.Used:
		return used
	case !now.Before(p.Expires):
		return "expired"
	}
	return fresh
}

type info struct {
	STAN     string `json:"stan"`
	RRN      string `json:"rrn"`
	RTP      string `json:"rtpId"`
	Merchant string `json:"merchantID"`
}

type payerFound struct {
	status
	RTP   string `json:"rtpId"`
	Title string `json:"title"`
	IBAN  string `json:"iban"`
}

func (l *link) preTitleFetch(c *provider.Call) (provider.Reply, error) {
	var q struct {
		Customer struct {
			IBAN string `json:"iban"`
		} `json:"customerDetails"`
		Info info `json:"info"`
	}
	if err := c.Bind(&q); err != nil {
		return provider.Reply{}, err
	}
	return l.findPayer(c, q.Info, q.Customer.IBAN, q.Customer.IBAN)
}

func (l *link) preAliasInquiry(c *provider.Call) (provider.Reply, error) {
	var q struct {
		Alias struct {
			Value string `json:"value"`
		} `json:"alias"`
		Info info `json:"info"`
	}
	if err := c.Bind(&q); err != nil {
		return provider.Reply{}, err
	}
	return l.findPayer(c, q.Info, q.Alias.Value, aliasAccount(q.Alias.Value))
}

// aliasAccount is the account that belongs to a mobile number.
func aliasAccount(mobile string) string { return money.IBAN("PK", "MOCK00000"+mobile) }

func (l *link) findPayer(c *provider.Call, asked info, payer, iban string) (provider.Reply, error) {
	app, err := l.caller(c)
	if err != nil {
		return provider.Reply{}, err
	}
	name, err := preCalls.Next(c)
	if err != nil {
		return provider.Reply{}, err
	}
	made, err := preCalls.Create(c, name, fmt.Sprintf("RTP%s%012d", day(c.Now()), name.Number), &PreCall{
		App: app.ID, RRN: asked.RRN, Payer: payer, IBAN: iban, Expires: c.Now().Add(preLife),
	})
	if err != nil {
		return provider.Reply{}, err
	}
	title, err := l.titleOf(c, iban)
	return provider.JSON(0, payerFound{said(processed), made.ID(), title, iban}), err
}
