package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkExamples refuses examples that break their own schema. The library's check would not know our
// formats.
func checkExamples(name string, tree *openapi3.T, schemas []located, o order) error {
	var all []error
	check := func(pointer string, at int, s *openapi3.Schema, example any) {
		if example == nil {
			return
		}
		if err := asError("example", newSchema(s, o).Check(example)); err != nil {
			all = append(all, fmt.Errorf("spec: %s:%d: %s: %w", name, at, pointer, err))
		}
	}
	for _, s := range schemas {
		check(s.pointer, line(s.SchemaRef), s.Value, s.Value.Example)
	}
	for path, item := range tree.Paths.Map() {
		for method, op := range item.Operations() {
			for place, media := range contents(op) {
				for _, example := range examples(media) {
					check(method+" "+path+", "+place, lineOfMedia(media), media.Schema.Value, example)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(all...)
}

// contents lists the bodies of an operation by the place where they stand.
func contents(op *openapi3.Operation) map[string]*openapi3.MediaType {
	all := map[string]*openapi3.MediaType{}
	add := func(place string, content openapi3.Content) {
		for name, media := range content {
			if media.Schema != nil {
				all[place+" "+name] = media
			}
		}
	}
	if op.RequestBody != nil {
		add("request", op.RequestBody.Value.Content)
	}
	for status, reply := range op.Responses.Map() {
		add("reply "+status, reply.Value.Content)
	}
	return all
}

func examples(media *openapi3.MediaType) []any {
	all := []any{media.Example}
	for _, ref := range media.Examples {
		all = append(all, ref.Value.Value)
	}
	return all
}

func lineOfMedia(media *openapi3.MediaType) int {
	if media.Origin == nil || media.Origin.Key == nil {
		return 0
	}
	return media.Origin.Key.Line
}
