package fault

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/mockbank/mockbank/internal/mishap"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/webhook"
)

// Call is a call as far as faults look at it.
type Call struct {
	Provider string
	Name     string // of the operation, or of the page
	Page     bool
	Client   string // empty while nobody is known
}

// Notification is one as far as faults look at it.
type Notification struct {
	Provider, Channel, Type, Client string
}

func (f *Fault) meansCall(c Call) bool {
	m := f.Match
	named := m.Operation != "" && m.Operation != "*"
	switch {
	case !f.Harm.onCalls(), m.Provider != "" && m.Provider != c.Provider, m.Client != "" && m.Client != c.Client:
		return false
	case named:
		return m.Operation == c.Name
	}
	return !c.Page // A payer's pages break only where a test says so.
}

func (f *Fault) meansNotification(n Notification) bool {
	m := f.Match
	is := func(wanted, given string) bool { return wanted == "" || wanted == given }
	return !f.Harm.onCalls() && is(m.Provider, n.Provider) && is(m.Channel, n.Channel) && is(m.Type, n.Type) && is(m.Client, n.Client)
}

// spent tells whether the fault acted as often as it should.
func (f *Fault) spent() bool { return f.Match.Times > 0 && f.Acted >= f.Match.Times }

// AnyFor tells whether a fault is to be asked about a call. It counts nothing, so a call that no fault means never
// waits for its workspace's lock.
func AnyFor(tx *store.Tx, c Call) (found bool, err error) {
	err = each(tx, func(f *Fault) (bool, error) {
		found = !f.spent() && f.meansCall(c)
		return !found, nil
	})
	return found, err
}

// OnCall gives what goes wrong with a call, in the order in which the faults were added. One that refuses the call, or
// that resets it before the commit, is the last: those behind it do not see the call.
func OnCall(tx *store.Tx, c Call) (all []mishap.Mishap, err error) {
	faults, err := List(tx)
	if err != nil {
		return nil, err
	}
	for _, f := range faults {
		if f.spent() || !f.meansCall(c) {
			continue
		}
		chance, acts, err := f.ask(tx)
		if err != nil {
			return nil, err
		}
		if !acts {
			continue
		}
		m := f.mishap(chance)
		if all = append(all, m); m.Refuses() {
			break
		}
	}
	return all, nil
}

// OnNotification gives what goes wrong with a notification: that of the first fault which acts.
func OnNotification(tx *store.Tx, n Notification) (webhook.Mishap, error) {
	faults, err := List(tx)
	if err != nil {
		return webhook.Mishap{}, err
	}
	for _, f := range faults {
		if f.spent() || !f.meansNotification(n) {
			continue
		}
		if _, acts, err := f.ask(tx); err != nil || acts {
			return f.Harm.delivery(), err
		}
	}
	return webhook.Mishap{}, nil
}

// ask counts a call or a notification, and tells whether the fault acts on it. chance is for what it then does.
func (f *Fault) ask(tx *store.Tx) (chance float64, acts bool, err error) {
	f.Matched++
	drawn := tx.Workspace().Derive("fault/"+fmt.Sprint(f.ID), f.Matched)
	acts = f.Match.Every == 0 || f.Matched%f.Match.Every == 0
	if f.Match.Probability != nil {
		acts = acts && unit(drawn[:8]) < *f.Match.Probability
	}
	if acts {
		f.Acted++
	}
	return unit(drawn[8:16]), acts, rows.Put(tx, key(f.ID), f)
}

// unit makes a number from 0 up to but not 1 of eight bytes.
func unit(b []byte) float64 { return float64(binary.BigEndian.Uint64(b)>>11) / (1 << 53) }

// mishap works out what the fault does to one call.
func (f *Fault) mishap(chance float64) mishap.Mishap {
	h := f.Harm
	return mishap.Mishap{
		By: fmt.Sprintf("fault %d", f.ID), After: h.When == After, Undone: h.When == Before && h.Reset,
		Latency: h.Latency.draw(chance), Status: h.Status, Code: h.Code, RetryAfter: time.Duration(h.RetryAfter),
		Reply: mishap.Reply{Reset: h.Reset, Cut: h.Truncate, Spoil: h.Malformed, Drip: time.Duration(h.Drip)},
	}
}
