package finqlink

import (
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/provider"
)

// consentOrder is a consent as pages and redirects take it.
type consentOrder struct{ entity[Consent] }

func orderConsent(e *provider.Entity[Consent]) consentOrder {
	return consentOrder{entity[Consent]{e, consents}}
}

func (o consentOrder) common() *flow { return &o.Data.flow }
func (o consentOrder) settled() bool { return settledConsent(o.State()) }

func (o consentOrder) words() words {
	return words{thing: "consent", person: "user", id: consentID, confirm: "request", accepted: scaRetrieved}
}

// cancel leaves it to a user of our pages to try again or to give up.
func (o consentOrder) cancel(c *provider.Call) error {
	if o.State() != awaitingAuthz {
		return decide(c, o, "cancel")
	}
	o.Data.Cancelled = true
	o.update(c)
	return nil
}

// stories are the consent's own and those of its jobs, which inherit the name.
func (o consentOrder) stories(c *provider.Call) []provider.Story {
	all := consents.Stories(c)
	for _, story := range jobs.Stories(c) {
		if !slices.ContainsFunc(all, func(known provider.Story) bool { return known.Name == story.Name }) {
			all = append(all, story)
		}
	}
	return all
}

func (o consentOrder) storyOf(c *provider.Call, psuID string) string {
	if story := o.entity.storyOf(c, psuID); story != "" {
		return story
	}
	story, _ := jobs.Match(c, "psu_id", psuID)
	return story
}

func (o consentOrder) summary(t *texts, base string) summary {
	s := summary{Title: t.Consent.Title, QR: o.Data.qrURL(base)}
	for _, line := range o.due(t) {
		s.add(line.Name, line.Value)
	}
	return s
}

func (o consentOrder) sayings(t *texts) sayings { return t.Consent.sayings }

func (o consentOrder) ending(t *texts, n *pages.Notice) (waits bool) {
	n.Tone = pages.Bad
	switch o.State() {
	case failed:
		n.Title, n.Text = t.Consent.Failed.Title, t.reason(o.Data.FailureMessage, o.Data.FailureCode)
		return false
	case authorized:
		n.Tone, n.Title, n.Text = pages.Good, t.Consent.Done.Title, t.Consent.Done.Text
		return true
	case active:
		n.Tone = pages.Good
	}
	end := t.Consent.Endings[o.State()]
	n.Title, n.Text = end.Title, end.Text
	return o.State() == active // until it is withdrawn
}

// offers are the method that was chosen with the consent, or those that match.
func (o consentOrder) offers(f *finqlink, t *texts) []offer {
	matching := f.banks.matchingAIS(o.Data.Filter, o.Data.APIVersion)
	if m, ok := f.banks.aisMethod(o.Data.MethodID); ok {
		matching = []aisMethod{m}
	}
	var offered []offer
	for _, m := range matching {
		offered = append(offered, offer{id: m.id(), bank: m.bank, about: t.owners(m.bank.AIS)})
	}
	return offered
}

func (o consentOrder) psuID() string { return o.Data.PSUID }

func (o consentOrder) due(t *texts) []pages.Line {
	var parts []string
	for _, part := range o.Data.Scope {
		parts = append(parts, t.Consent.Parts[part])
	}
	return []pages.Line{
		{Name: t.Consent.Scope, Value: strings.Join(parts, ", ")},
		{Name: t.Consent.Validity, Value: t.days(o.Data.ValidityDays)},
	}
}

// A consent is for all accounts of the user.
func (o consentOrder) accounts(*bank, *texts) []pages.Account { return nil }
func (o consentOrder) useAccount(*bank, string) bool          { return true }

func (o consentOrder) draft(*finqlink) draft { return &consentDraft{consent: o.Data} }

// consentDraft is what the user tells of himself before the bank asks.
type consentDraft struct {
	consent *Consent
	psuID   string
}

func (d *consentDraft) fields(t *texts) []pages.Field {
	if d.consent.PSUID != "" {
		return nil
	}
	return []pages.Field{t.psuField()}
}

func (d *consentDraft) take(t *texts, _, value string) string {
	d.psuID = value
	return t.checkPSUID(value)
}

func (d *consentDraft) fits(string) bool { return true }

func (d *consentDraft) keep() {
	if d.psuID != "" {
		d.consent.PSUID = d.psuID
	}
}
