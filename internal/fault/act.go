package fault

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
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
	case f.spent(), !f.Harm.onCalls(), m.Provider != "" && m.Provider != c.Provider, m.Client != "" && m.Client != c.Client:
		return false
	case named:
		return m.Operation == c.Name
	}
	return !c.Page // A payer's pages break only where a test says so.
}

func (f *Fault) meansNotification(n Notification) bool {
	m := f.Match
	is := func(wanted, given string) bool { return wanted == "" || wanted == given }
	return !f.spent() && !f.Harm.onCalls() && is(m.Provider, n.Provider) && is(m.Channel, n.Channel) && is(m.Type, n.Type) && is(m.Client, n.Client)
}

// spent tells whether the fault acted as often as it should.
func (f *Fault) spent() bool { return f.Match.Times > 0 && f.Acted >= f.Match.Times }

// AnyFor tells whether a fault is to be asked about a call. It counts nothing, so a call that no fault means never
// waits for its workspace's lock.
func AnyFor(tx *store.Tx, c Call) (bool, error) {
	all, err := List(tx)
	return slices.ContainsFunc(all, func(f Fault) bool { return f.meansCall(c) }), err
}

// OnCall gives what goes wrong with a call, in the order in which the faults were added. One that refuses the call, or
// that resets it before the commit, is the last: those behind it do not see the call.
func OnCall(tx *store.Tx, c Call) (found []mishap.Mishap, err error) {
	err = ask(tx, func(f *Fault) bool { return f.meansCall(c) }, func(f *Fault, chance float64) bool {
		m := f.mishap(chance)
		found = append(found, m)
		return !m.Refuses()
	})
	return found, err
}

// OnNotification gives what goes wrong with a notification: that of the first fault which acts.
func OnNotification(tx *store.Tx, n Notification) (m webhook.Mishap, err error) {
	err = ask(tx, func(f *Fault) bool { return f.meansNotification(n) }, func(f *Fault, _ float64) bool {
		m = f.Harm.delivery()
		return false
	})
	return m, err
}

// ask counts those faults that mean something, and hands out those that act on it until act returns false. The
// counts are stored where there are any.
func ask(tx *store.Tx, means func(*Fault) bool, act func(f *Fault, chance float64) bool) error {
	all, err := List(tx)
	asked := false
	for i := range all {
		f := &all[i]
		if !means(f) {
			continue
		}
		asked = true
		if chance, acts := f.count(tx.Workspace()); acts && !act(f, chance) {
			break
		}
	}
	if err != nil || !asked {
		return err
	}
	return keep(tx, all)
}

// count counts a call or a notification, and tells whether the fault acts on it. chance is for what it then does.
func (f *Fault) count(ws *store.Workspace) (chance float64, acts bool) {
	f.Matched++
	drawn := ws.Derive("fault/"+strconv.FormatUint(f.ID, 10), f.Matched)
	acts = f.Match.Every == 0 || f.Matched%f.Match.Every == 0
	if f.Match.Probability != nil {
		acts = acts && unit(drawn[:8]) < *f.Match.Probability
	}
	if acts {
		f.Acted++
	}
	return unit(drawn[8:16]), acts
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
