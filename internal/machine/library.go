package machine

import (
	"fmt"
	"reflect"
	"slices"
)

// File is one scenario file. Its name ends in <provider>/<kind>.yaml, with slashes; what stands before says where
// it comes from.
type File struct {
	Name string
	Data []byte
}

// Defect is one thing that is wrong with a file. A defect that has no place in a file has line 0.
type Defect struct {
	File         string
	Line, Column int // from 1
	Message      string
}

func (d Defect) String() string {
	if d.Line == 0 {
		return fmt.Sprintf("%s: %s", d.File, d.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Column, d.Message)
}

// Facts tells the linter what code and spec offer. A nil member switches its checks off; so does a nil Type,
// which leaves the members unknown until an expression is evaluated.
type Facts struct {
	Kinds      func() map[string][]string // of each provider
	Effects    func(provider, kind string) []string
	Channels   func(provider string) []string
	Types      func(provider string) []string // webhook types that have a schema
	Operations func(provider string) []string // of the spec, and pages
	Handlers   func(provider string) []string // operations that code serves
	// Entity gives the Go struct of a kind; its json tags are the members that expressions may name.
	Entity func(provider, kind string) reflect.Type
	Parent func(provider, kind string) string // the kind of the parent; empty for none
	// Record tells whether code derives a kind's state from its data, so that it has no machine. Where it is nil, a
	// file without a machine is a record's.
	Record func(provider, kind string) bool
	Client func(provider string) reflect.Type // the Go struct of an API client
	// Settings gives the defaults of the provider's settings. A member's type is that of its default.
	Settings func(provider string) map[string]any
	Sound    bool // the base files are known to have no defect
}

// Library is every kind of every provider. It never changes.
type Library struct {
	parts map[string]func() []*Kind // by provider; sorted by name, and the same at every call
}

// Kind finds a kind; nil when there is no file for it.
func (l *Library) Kind(provider, kind string) *Kind {
	for _, k := range l.Kinds(provider) {
		if k.Name == kind {
			return k
		}
	}
	return nil
}

// Kinds lists the kinds of a provider by name.
func (l *Library) Kinds(provider string) []*Kind {
	if part := l.parts[provider]; part != nil {
		return part()
	}
	return nil
}

// Scenarios lists the names of a provider's stories over all kinds, each once, in the order of the files.
func (l *Library) Scenarios(provider string) []string {
	var names []string
	for _, k := range l.Kinds(provider) {
		for _, s := range k.Scenarios {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// HasScenario tells whether any kind of the provider tells a story of this name.
func (l *Library) HasScenario(provider, name string) bool {
	kinds := l.Kinds(provider)
	return len(kinds) > 0 && kinds[0].names[name]
}

// Named finds the story that a person's text names: a scenario's name with '_' or '-', where a "+" and what
// follows is ignored. It is how a bank's user name chooses a story.
func (l *Library) Named(provider, text string) (string, bool) {
	name, _ := identified(text, "")
	return name, l.HasScenario(provider, name)
}
