package events

import "slices"

// Filter chooses events. An empty member chooses all. What is about no provider, such as a clock, passes any Provider,
// Kind and ID; what is about no entity does not pass a Kind or an ID.
type Filter struct {
	Types    []Type
	Provider string
	Kind     string
	ID       string
}

func (f *Filter) passes(e *Event) bool {
	if len(f.Types) > 0 && !slices.Contains(f.Types, e.Type) {
		return false
	}
	about, bound := e.subject()
	return !bound || fits(f.Provider, about.Provider) && fits(f.Kind, about.Kind) && fits(f.ID, about.ID)
}

func fits(wanted, is string) bool { return wanted == "" || wanted == is }

// subject is what the event is about; false for what no provider has to do with.
func (e *Event) subject() (Subject, bool) {
	switch e.Type {
	case OfEntity:
		return e.Entity.Subject, true
	case OfDelivery:
		if e.Delivery.Entity == nil {
			return Subject{Provider: e.Delivery.Provider}, true
		}
		return *e.Delivery.Entity, true
	case OfRequest:
		return Subject{Provider: e.Request.Provider, Kind: e.Request.Kind, ID: e.Request.Entity}, true
	}
	return Subject{}, false
}
