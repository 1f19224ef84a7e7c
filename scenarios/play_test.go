package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/mockbank/mockbank/internal/machine"
)

// player tells a story to its end in the way an engine does, with a payer who acts at once where asked to.
type player struct {
	t      *testing.T
	kind   *machine.Kind
	story  *machine.Scenario
	acts   map[string]string // what the payer does at a state
	entity map[string]any
	state  string
	now    time.Time
	log    []string
}

var began = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func (p *player) env() machine.Env {
	return machine.Env{Entity: p.entity, Now: p.now, State: p.state}
}

// play runs until nothing is due any more.
func (p *player) play() {
	p.now, p.state = began, p.kind.Machine.Initial
	p.entity["sca"] = map[string]any{"created_at": began.Format(time.RFC3339Nano)}
	p.log = append(p.log, p.state)
	for range 64 {
		if p.immediately() || p.payerActs() || p.next() {
			continue
		}
		return
	}
	p.t.Fatalf("the story does not end: %v", p.log)
}

func (p *player) immediately() bool {
	for _, s := range p.story.Steps[p.state] {
		if s.Immediate() && p.holds(s) && p.take(s.Set, s.Fire) {
			return true
		}
	}
	return false
}

func (p *player) payerActs() bool {
	event, ok := p.acts[p.state]
	return ok && p.take(nil, event)
}

// next takes the earliest timed step, or the deadline.
func (p *player) next() bool {
	var at time.Time
	var set []machine.Assignment
	var fire string
	offer := func(due time.Time, ok bool, err error, s []machine.Assignment, event string) {
		if err != nil {
			p.t.Fatal(err)
		}
		if ok && (at.IsZero() || due.Before(at)) {
			at, set, fire = due, s, event
		}
	}
	for _, s := range p.story.Steps[p.state] {
		if p.holds(s) {
			due, ok, err := s.Due(p.env())
			offer(due, ok, err, s.Set, s.Fire)
		}
	}
	for _, d := range p.kind.Machine.State(p.state).Deadlines {
		due, ok, err := d.Due(p.env())
		offer(due, ok, err, nil, d.Fire)
	}
	if at.After(p.now) {
		p.now = at
	}
	return fire != "" && p.take(set, fire)
}

func (p *player) holds(s machine.Step) bool {
	ok, err := s.When.Bool(p.env())
	if err != nil {
		p.t.Fatal(err)
	}
	return ok
}

func (p *player) take(set []machine.Assignment, event string) bool {
	p.assign(set)
	if event == "" {
		return false
	}
	next, err := p.kind.Machine.Step(p.state, event)
	if err != nil {
		p.t.Fatal(err)
	}
	p.assign(next.Set)
	p.state = next.To
	p.log = append(p.log, next.To)
	return true
}

func (p *player) assign(set []machine.Assignment) {
	for _, a := range set {
		v, err := a.Value.Value(p.env())
		if err != nil {
			p.t.Fatal(err)
		}
		p.entity[a.Field] = v
	}
}

func TestLinksEndAsTheProvidersTableSays(t *testing.T) {
	page := map[string]string{"created": "open", "started": "pay", "intent_accepted": "redirect", "awaiting_authz": "approve"}
	leaves := map[string]string{"created": "open", "started": "pay", "intent_accepted": "redirect"}
	opens := map[string]string{"created": "open"}
	direct := map[string]string{"created": "pay", "intent_accepted": "approve"}
	tests := []struct {
		scenario, flow, bank string
		acts                 map[string]string
		end                  string
		after                time.Duration
		code                 string
	}{
		{"pay_success", "link", "rzb_ro", page, "completed", 1700 * time.Millisecond, ""},
		{"pay_success", "link", "libra_ro", page, "funds_received", 6700 * time.Millisecond, ""},
		{"pay_success", "direct_sca", "rzb_ro", direct, "completed", 1500 * time.Millisecond, ""},
		{"pay_success", "wrapped_sca", "rzb_ro", page, "completed", 1500 * time.Millisecond, ""},
		{"manual", "link", "rzb_ro", nil, "created", 0, ""},
		{"unattended", "link", "rzb_ro", nil, "completed", 2700 * time.Millisecond, ""},
		{"unattended", "wrapped_sca", "rzb_ro", nil, "completed", 2500 * time.Millisecond, ""},
		{"unattended", "redirect_sca", "rzb_ro", map[string]string{"created": "pay"}, "completed", 2500 * time.Millisecond, ""},
		{"pay_pending", "link", "rzb_ro", page, "completed", time.Hour + 700*time.Millisecond, ""},
		{"pay_insufficient_funds", "link", "rzb_ro", page, "failed", 700 * time.Millisecond, "AM04"},
		{"pay_bad_account", "link", "rzb_ro", page, "failed", 200 * time.Millisecond, "AC01"},
		{"pay_bad_account", "direct_sca", "rzb_ro", direct, "failed", 0, "AC01"},
		{"pay_account_closed", "link", "rzb_ro", page, "failed", 200 * time.Millisecond, "AC04"},
		{"pay_account_blocked", "link", "rzb_ro", page, "failed", 700 * time.Millisecond, "AC06"},
		{"pay_late_rejection", "link", "rzb_ro", page, "failed", time.Hour + 700*time.Millisecond, "MS03"},
		{"pay_stuck", "link", "rzb_ro", page, "submitted", 700 * time.Millisecond, ""},
		{"sca_cancelled", "link", "rzb_ro", leaves, "failed", 1200 * time.Millisecond, ""},
		{"sca_timeout", "link", "rzb_ro", leaves, "failed", 5*time.Minute + 200*time.Millisecond, ""},
		{"sca_locked", "link", "rzb_ro", leaves, "failed", 1200 * time.Millisecond, ""},
		{"bank_slow", "link", "rzb_ro", page, "completed", 120 * time.Second, ""},
		{"bank_error", "link", "rzb_ro", page, "failed", 200 * time.Millisecond, ""},
		{"funds_received", "link", "rzb_ro", page, "funds_received", 6700 * time.Millisecond, ""},
		{"funds_rejected", "link", "rzb_ro", page, "funds_rejected", 6700 * time.Millisecond, ""},
		{"link_expired", "link", "rzb_ro", nil, "created", 0, ""},
		{"link_revoked", "link", "rzb_ro", opens, "revoked", 5 * time.Second, ""},
		{"webhook_duplicate", "link", "rzb_ro", page, "completed", 1700 * time.Millisecond, ""},
	}
	kind := library(t).Kind("finqlink", "link")
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %s %s", tt.scenario, tt.flow, tt.bank), func(t *testing.T) {
			p := &player{t: t, kind: kind, story: kind.Scenario(tt.scenario), acts: tt.acts, entity: map[string]any{
				"options":          map[string]any{"type": tt.flow},
				"service_provider": map[string]any{"funds_events": tt.bank == "libra_ro"},
			}}
			p.play()
			if p.state != tt.end || p.now.Sub(began) != tt.after {
				t.Errorf("ends %s after %s, want %s after %s: %v", p.state, p.now.Sub(began), tt.end, tt.after, p.log)
			}
			if code, _ := p.entity["failure_code"].(string); code != tt.code {
				t.Errorf("failure code %q, want %q", code, tt.code)
			}
		})
	}
}

// A wrapped link that is opened late has lost its page at the bank already.
func TestALateWrappedLinkTimesOutAtOnce(t *testing.T) {
	deadline := library(t).Kind("finqlink", "link").Machine.State("intent_accepted").Deadlines[0]
	env := machine.Env{Now: began.Add(7 * time.Minute), Entity: map[string]any{
		"options": map[string]any{"type": "wrapped_sca"}, "sca": map[string]any{"created_at": began.Format(time.RFC3339)},
	}}
	at, ok, err := deadline.Due(env)
	if err != nil || !ok || at.After(env.Now) {
		t.Errorf("due %s, %v, %v; want not after %s", at, ok, err, env.Now)
	}
}

func TestMagicInputsOfLinks(t *testing.T) {
	transfer := func(member, value string) map[string]any {
		return map[string]any{"single_transfer": map[string]any{member: value}}
	}
	tests := []struct {
		entity map[string]any
		want   string
	}{
		{transfer("amount", "7700.02"), "pay_pending"},
		{transfer("amount", "7700.53"), "webhook_out_of_order"},
		{transfer("amount", "7700.020"), ""},
		{transfer("psu_id", "9999999010"), "sca_cancelled"},
		{transfer("psu_id", "9999999998"), ""},
		{transfer("creditor_iban", "RO12RZBRMOCKBANK0000AM04"), "pay_insufficient_funds"},
		{transfer("debtor_iban", "RO66RZBRMOCKBANK0000TECH"), "bank_error"},
		{map[string]any{"tracking": map[string]any{"payment_ref": "scn-pay-stuck"}}, "pay_stuck"},
		{map[string]any{"tracking": map[string]any{"payment_ref": "pay-stuck"}}, ""},
		{map[string]any{"tracking": map[string]any{"payment_ref": "scn-webhook-duplicate+7"},
			"single_transfer": map[string]any{"amount": "7700.02"}}, "webhook_duplicate"},
	}
	kind := library(t).Kind("finqlink", "link")
	for _, tt := range tests {
		if got, _, _ := kind.Select(tt.entity); got != tt.want {
			t.Errorf("%v selects %q, want %q", tt.entity, got, tt.want)
		}
	}
}

func TestBankMishapsHoldForTheTypesThatAskInsideCreate(t *testing.T) {
	kind := library(t).Kind("finqlink", "link")
	for flow, want := range map[string]bool{"link": false, "": false, "wrapped_sca": true, "direct_sca": true, "redirect_sca": true} {
		for _, name := range []string{"bank_slow", "bank_error"} {
			env := machine.Env{Entity: map[string]any{"options": map[string]any{"type": flow}}}
			got, err := kind.Scenario(name).Mishaps[0].If.Bool(env)
			if err != nil || got != want {
				t.Errorf("%s of type %q: %v, %v; want %v", name, flow, got, err, want)
			}
		}
	}
}
