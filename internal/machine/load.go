package machine

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// Load reads scenario files. It gives the Library, or all defects of all files in the order of their places,
// and never both. A file of the overlay replaces the base file of the same provider and kind; one without a
// machine keeps the base file's law, adds its scenarios and replaces those of the same name. A base file without a
// machine is a record's.
//
// Base files are part of the program, and its tests load them as an overlay. So facts that take long to find out are
// not asked for their sake: the webhook types, and the settings where no expression names them. Where Facts says that
// they are sound, those of a provider whom no overlay file is about are read when something of it is first asked for.
func Load(base, overlay []File, facts Facts) (*Library, []Defect) {
	lib, out := &Library{parts: map[string]func() []*Kind{}}, &defects{}
	under, own := byProvider(base), byProvider(overlay)
	for _, f := range slices.Concat(base, overlay) {
		provider := providerOf(f)
		switch {
		case lib.parts[provider] != nil:
		case facts.Sound && own[provider] == nil:
			lib.parts[provider] = sync.OnceValue(func() []*Kind { return sound(under[provider], facts) })
		default:
			kinds := link(under[provider], own[provider], facts, out)
			lib.parts[provider] = func() []*Kind { return kinds }
		}
	}
	if len(out.found) > 0 {
		return nil, out.sorted()
	}
	return lib, nil
}

// byProvider sorts files by the provider that their names say.
func byProvider(files []File) map[string][]File {
	sorted := map[string][]File{}
	for _, f := range files {
		sorted[providerOf(f)] = append(sorted[providerOf(f)], f)
	}
	return sorted
}

func providerOf(f File) string { return path.Base(path.Dir(f.Name)) }

// sound reads base files. A defect in one is a defect of the program.
func sound(files []File, facts Facts) []*Kind {
	out := &defects{}
	kinds := link(files, nil, facts, out)
	if len(out.found) > 0 {
		panic("machine: a built-in scenario file is not sound: " + out.sorted()[0].String())
	}
	return kinds
}

// link makes the kinds of one provider.
func link(base, overlay []File, facts Facts, out *defects) (kinds []*Kind) {
	under := readAll(base, out)
	for _, f := range under {
		f.base = true
	}
	files := merge(under, readAll(overlay, out))
	names := storyNames(files)
	for _, f := range files {
		if !f.checkKind(facts, out) {
			continue
		}
		f.checkRecord(facts, out)
		l := &linker{facts: facts, out: out, raw: f, captures: captures(files, f.provider.text)}
		kinds = append(kinds, l.link(names[f.provider.text]))
	}
	checkHandlers(files, facts, out)
	return kinds
}

// readAll reads the files of one layer; what could not be read is left out, and has its defects.
func readAll(files []File, out *defects) []*rawFile {
	var all []*rawFile
	for _, f := range files {
		tree := parseTree(f, out)
		if tree == nil {
			continue
		}
		raw := readFile(tree, out)
		if !raw.provider.given() || !raw.kind.given() {
			continue
		}
		if want := raw.provider.text + "/" + raw.kind.text + ".yaml"; f.Name != want && !strings.HasSuffix(f.Name, "/"+want) {
			out.addf(raw.place, "provider and kind say %s, and the file is %s", want, f.Name)
			continue
		}
		if same := find(all, raw); same != nil {
			out.addf(raw.place, "%s of %s is told in %s already", raw.kind.text, raw.provider.text, same.file)
			continue
		}
		all = append(all, raw)
	}
	return all
}

// find gives the file of a layer that tells the same kind; nil when there is none.
func find(layer []*rawFile, like *rawFile) *rawFile {
	for _, f := range layer {
		if f.provider.text == like.provider.text && f.kind.text == like.kind.text {
			return f
		}
	}
	return nil
}

// merge lays one layer over another, and sorts.
func merge(base, overlay []*rawFile) []*rawFile {
	files := slices.Clone(overlay)
	for _, under := range base {
		over := find(overlay, under)
		switch {
		case over == nil:
			files = append(files, under)
		case over.machine == nil:
			over.lieOn(under)
		}
	}
	slices.SortFunc(files, func(a, b *rawFile) int {
		return cmp.Or(cmp.Compare(a.provider.text, b.provider.text), cmp.Compare(a.kind.text, b.kind.text))
	})
	return files
}

// checkKind tells whether the file is about something that there is. Of another's there is nothing else to say.
func (f *rawFile) checkKind(facts Facts, out *defects) bool {
	if facts.Kinds == nil {
		return true
	}
	l := &linker{out: out}
	known := facts.Kinds()
	return l.oneOf(f.provider, "provider", slices.Sorted(maps.Keys(known))) && l.oneOf(f.kind, "kind", known[f.provider.text])
}

// checkRecord compares what the file has with what its kind is to code.
func (f *rawFile) checkRecord(facts Facts, out *defects) {
	f.record = f.machine == nil
	isRecord := f.record
	if facts.Record != nil {
		isRecord = facts.Record(f.provider.text, f.kind.text)
	}
	switch {
	case f.record && !isRecord:
		out.add(f.place, "the file lacks its machine")
	case !f.record && isRecord:
		out.addf(f.machine.place, "a %s is a record: its state follows from its data, and it has no machine", f.kind.text)
	}
	if f.record {
		f.machine = &rawMachine{}
	}
}

// lieOn takes from the file below what this one does not say.
func (f *rawFile) lieOn(under *rawFile) {
	f.machine = under.machine
	if !f.fallback.given() {
		f.fallback = under.fallback
	}
	if f.inputs == nil {
		f.inputs = under.inputs
	}
	stories := slices.Clone(under.scenarios)
	for _, s := range f.scenarios {
		at := slices.IndexFunc(stories, func(u rawScenario) bool { return u.name.text == s.name.text })
		if at < 0 {
			stories = append(stories, s)
		} else {
			stories[at] = s
		}
	}
	f.scenarios = stories
}

// storyNames gives the names of all stories by provider.
func storyNames(files []*rawFile) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, f := range files {
		names := all[f.provider.text]
		if names == nil {
			names = map[string]bool{}
			all[f.provider.text] = names
		}
		for _, s := range f.scenarios {
			names[s.name.text] = true
		}
	}
	return all
}

// captures gives the names that the selecting values of a provider bind. A story is followed by children too, so
// those of all kinds are seen in each.
func captures(files []*rawFile, provider string) []string {
	var names []string
	for _, f := range files {
		if f.provider.text != provider {
			continue
		}
		for _, s := range f.scenarios {
			for _, c := range s.choose {
				for _, found := range capture.FindAllStringSubmatch(c.value.text, -1) {
					names = append(names, found[1])
				}
			}
		}
	}
	return names
}

// checkHandlers compares the spec's operations with those that code serves.
func checkHandlers(files []*rawFile, facts Facts, out *defects) {
	if facts.Operations == nil || facts.Handlers == nil {
		return
	}
	for i, f := range files {
		provider := f.provider.text
		if i > 0 && files[i-1].provider.text == provider {
			continue
		}
		operations, handlers := facts.Operations(provider), facts.Handlers(provider)
		at := place{file: "provider " + provider}
		for _, o := range operations {
			if !slices.Contains(handlers, o) {
				out.addf(at, "the spec's operation %s has no handler%s", o, meant(o, handlers))
			}
		}
		for _, h := range handlers {
			if !slices.Contains(operations, h) {
				out.addf(at, "the handler %s has no operation in the spec%s", h, meant(h, operations))
			}
		}
	}
}
