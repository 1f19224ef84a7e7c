package engine

import (
	"time"

	"github.com/mockbank/mockbank/internal/machine"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Birth says what a new entity is besides its data.
type Birth struct {
	ID       string
	Sequence uint64 // from Session.Next
	Parent   *Instance
	Client   string
	Base     string
	Scenario string    // that it follows, whatever else would choose one; empty: that is chosen
	At       time.Time // when it was made, and when everything happens to it in this session; zero: now
}

// Next takes the next sequence number of a kind, from which ids derive.
func (s *Session) Next(kind string) (uint64, error) {
	if err := s.ready(); err != nil {
		return 0, err
	}
	return s.tx.Next(s.engine.Provider + "/" + kind)
}

// Create makes an entity in its first state, chooses its story and lets it begin. data is a pointer of the
// sort that Kind.New makes, and stays the instance's own.
func (s *Session) Create(kindName string, b Birth, data any) (*Instance, error) {
	kind, err := s.engine.kind(kindName)
	if err != nil {
		return nil, err
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	now := b.At
	if now.IsZero() {
		now = s.tx.Now()
	}
	in := &Instance{
		Entity: &store.Entity{
			Ref:      store.Ref{Provider: s.engine.Provider, Kind: kindName, ID: b.ID},
			Sequence: b.Sequence, Visit: 1, Client: b.Client, Base: b.Base, Created: now, Updated: now, Entered: now,
		},
		Data: data, kind: kind, at: b.At, fresh: true, dirty: true,
		law: s.engine.Library().Kind(s.engine.Provider, kindName),
	}
	if b.Parent != nil {
		in.Parent = b.Parent.Ref
	}
	if in.Scenario = b.Scenario; in.Scenario == "" {
		if err := s.choose(in, b.Parent); err != nil {
			return nil, err
		}
	}
	s.remember(in)
	if in.machine() == nil {
		return in, s.Flush()
	}
	return in, s.begin(in)
}

// begin puts a new entity into its first state. It is stored before anything is armed, so that an id or a key
// that is taken already stops it here.
func (s *Session) begin(in *Instance) error {
	in.State = in.machine().Initial
	in.Visits = map[string]int{in.State: 1}
	if err := s.refusedAtBirth(in); err != nil {
		in.dirty, in.gone = false, true // Whoever asked may go on without it.
		return err
	}
	if err := s.Flush(); err != nil {
		return err
	}
	if err := s.notify(in, "created", false); err != nil {
		return err
	}
	return s.arm(in, in.Entered)
}

// refusedAtBirth finds a step that refuses the creation as such.
func (s *Session) refusedAtBirth(in *Instance) error {
	for _, step := range in.Story().Steps[in.State] {
		if !step.Immediate() || step.Refuse == "" {
			continue
		}
		if ok, err := s.holds(step.When, in); err != nil || ok {
			if err == nil {
				err = problem.New(problem.Refused, step.Refuse, "The scenario "+in.Scenario+" refuses this request")
			}
			return err
		}
	}
	return nil
}

// choose gives a new entity its scenario. The first that says one wins: the caller by name, the queue, a magic
// input, the parent, the workspace, the kind's default.
func (s *Session) choose(in *Instance, parent *Instance) error {
	library, provider := s.engine.Library(), s.engine.Provider
	if s.Chosen != "" {
		if !library.HasScenario(provider, s.Chosen) {
			return UnknownScenario(library.Scenarios(provider), provider, s.Chosen).At("header:Mockbank-Scenario")
		}
		in.Scenario = s.Chosen
		return nil
	}
	if in.law == nil {
		if parent != nil {
			in.Scenario = parent.Scenario
		}
		return nil
	}
	queued, err := s.queued(in)
	if err != nil {
		return err
	}
	switch {
	case queued != "":
		in.Scenario = queued
	case magic(in):
	case parent != nil && parent.Scenario != "" && parent.Scenario != defaultOf(parent):
		in.Scenario = parent.Scenario
	default:
		in.Scenario = s.usual(in)
	}
	return nil
}

// queued takes what waits for the kind. What was there before anybody queued takes nothing.
func (s *Session) queued(in *Instance) (string, error) {
	if s.Ground {
		return "", nil
	}
	return dequeue(s.tx, in.Provider, in.Kind)
}

func defaultOf(in *Instance) string {
	if in.law == nil {
		return ""
	}
	return in.law.Default
}

// usual is the workspace's choice for the kind, or the kind's default. What was there before anybody chose follows
// the default.
func (s *Session) usual(in *Instance) string {
	if s.Ground {
		return in.law.Default
	}
	return Usual(s.engine.Library(), in.law, s.tx.Workspace())
}

// Usual is what new entities of a kind follow unless something else is said. A choice that is in no file any more
// counts as none.
func Usual(library *machine.Library, law *machine.Kind, ws *store.Workspace) string {
	if name := ws.Scenarios[law.Provider+"/"+law.Name]; name != "" && library.HasScenario(law.Provider, name) {
		return name
	}
	return law.Default
}

// magic looks for a value in the entity that a scenario claims.
func magic(in *Instance) bool {
	name, input, ok := in.law.Select(pick(in.Data, in.law.Inputs))
	if ok {
		in.Scenario, in.Input = name, input
	}
	return ok
}

// UnknownScenario is the refusal of a name that no story has.
func UnknownScenario(known []string, provider, name string) *problem.Error {
	return problem.Newf(problem.Malformed, "unknown_scenario", "%s has no scenario %q; it has %s", provider, name, list(known))
}

func list(names []string) string {
	out := ""
	for i, name := range names {
		if i > 0 {
			out += ", "
		}
		out += name
	}
	return out
}

// asMap decodes data into what expressions and magic inputs read.
func asMap(data any) (map[string]any, error) {
	raw, err := strictjson.Marshal(data)
	if err != nil {
		return nil, err
	}
	v, err := strictjson.Decode(raw)
	m, _ := v.(map[string]any)
	return m, err
}
