package control

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/mockbank/mockbank/internal/fault"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

func (c *Control) listFaults(q *request) (reply, error) {
	after, err := q.afterNumber()
	if err != nil {
		return reply{}, err
	}
	var all []fault.Fault
	err = c.view(q, func(tx *store.Tx) (err error) {
		all, err = fault.List(tx)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	all = slices.DeleteFunc(all, func(f fault.Fault) bool { return f.ID <= after })
	shown := page[fault.Fault]{Items: append([]fault.Fault{}, all[:min(len(all), q.limit())]...)}
	if len(shown.Items) < len(all) {
		shown.Next = strconv.FormatUint(shown.Items[len(shown.Items)-1].ID, 10)
	}
	return ok(shown)
}

// faultOrder is what goes wrong from now on.
type faultOrder struct {
	Title  string      `json:"title"`
	Match  fault.Match `json:"match"`
	Fault  fault.Harm  `json:"fault"`
	Preset string      `json:"preset"`
}

func (c *Control) addFault(q *request) (reply, error) {
	if err := c.checkLatency(q); err != nil {
		return reply{}, err
	}
	var wanted faultOrder
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	faults, err := wanted.faults(q)
	if err != nil {
		return reply{}, err
	}
	if err := c.checkMatch(wanted.Match); err != nil {
		return reply{}, err
	}
	err = c.update(q, func(tx *store.Tx) (err error) {
		faults, err = fault.Add(tx, faults...)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: page[fault.Fault]{Items: faults}}, nil
}

// faults are what the order stands for.
func (o *faultOrder) faults(q *request) ([]fault.Fault, error) {
	switch {
	case q.has("preset") == q.has("fault"):
		return nil, problem.New(problem.Invalid, "bad_fault", "Give either fault, what is to go wrong, or preset, which is flaky")
	case !q.has("preset"):
		return []fault.Fault{{Title: o.Title, Match: o.Match, Harm: o.Fault}}, nil
	}
	if o.Match != (fault.Match{Provider: o.Match.Provider, Operation: o.Match.Operation, Client: o.Match.Client}) || o.Title != "" {
		return nil, problem.New(problem.Invalid, "bad_fault", "A preset says itself when it acts: it takes provider, operation and client, and no more").At("/match")
	}
	return fault.Flaky(o.Match), nil
}

// checkLatency reads the one member that has several forms, which the spec could only refuse in riddles.
func (c *Control) checkLatency(q *request) error {
	harm, _ := q.body["fault"].(map[string]any)
	switch v := harm["latency"].(type) {
	case string:
		if new(fault.Span).UnmarshalText([]byte(v)) == nil {
			return nil
		}
	case map[string]any:
		violations := c.Spec.Schema("Latency").Check(v)
		for i := range violations {
			violations[i].Pointer = "/fault/latency" + violations[i].Pointer
		}
		if broken := problem.Violated(violations); broken != nil {
			broken.Code = "invalid_request"
			return broken
		}
		return nil
	default:
		if _, there := harm["latency"]; !there {
			return nil
		}
	}
	return problem.New(problem.Invalid, "bad_latency", "latency is a length of time such as 250ms, or {min, max}, or {median, p99}, or {median, sigma}").At("/fault/latency")
}

// checkMatch finds names that nothing has, which would match nothing for ever.
func (c *Control) checkMatch(m fault.Match) error {
	among := c.Providers
	if m.Provider != "" {
		r, err := c.provider(m.Provider)
		if err != nil {
			return problem.From(err).At("/match/provider")
		}
		among = []*provider.Runtime{r}
	}
	if m.Operation != "*" {
		if err := known("operation", m.Operation, among, operationsOf); err != nil {
			return err
		}
	}
	if err := known("channel", m.Channel, among, channelsOf); err != nil {
		return err
	}
	return known("type", m.Type, among, (*provider.Runtime).NotificationTypes)
}

// known refuses a name that none of the providers has.
func known(member, name string, among []*provider.Runtime, of func(*provider.Runtime) []string) error {
	if name == "" {
		return nil
	}
	var all []string
	for _, r := range among {
		all = append(all, of(r)...)
	}
	if slices.Contains(all, name) {
		return nil
	}
	slices.Sort(all)
	says := fmt.Sprintf("There is no %s %q; there are %s", member, name, listed(slices.Compact(all)))
	if near := nearest(name, all); near != "" {
		says = fmt.Sprintf("There is no %s %q; did you mean %s?", member, name, near)
	}
	return problem.New(problem.Invalid, "unknown_"+member, says).At("/match/" + member)
}

// operationsOf names a provider's operations and pages.
func operationsOf(r *provider.Runtime) []string {
	names := slices.Sorted(maps.Keys(r.Handlers))
	for _, page := range r.Pages {
		names = append(names, page.Name)
	}
	return names
}

func channelsOf(r *provider.Runtime) (names []string) {
	for _, channel := range r.Channels {
		names = append(names, channel.Name)
	}
	return names
}

func (c *Control) clearFaults(q *request) (reply, error) {
	if err := c.update(q, fault.Clear); err != nil {
		return reply{}, err
	}
	return gone()
}

func (c *Control) removeFault(q *request) (reply, error) {
	id, _ := strconv.ParseUint(q.params["number"], 10, 64) // The spec has checked it.
	err := c.update(q, func(tx *store.Tx) error {
		found, err := fault.Remove(tx, id)
		if err == nil && !found {
			err = problem.Newf(problem.NotFound, "no_fault", "There is no fault %d in this workspace", id)
		}
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return gone()
}
