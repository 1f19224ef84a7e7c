package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/mockbank/mockbank/internal/strictjson"
)

// assignments are members of a JSON object as arguments: NAME=TEXT, NAME:=JSON, NAME=@FILE. Dots in a name
// lead into objects: settings.finqlink.refuse=http.
type assignments []string

// object builds the object; nil where there is no assignment.
func (a assignments) object() (map[string]any, error) {
	if len(a) == 0 {
		return nil, nil
	}
	object := map[string]any{}
	for _, argument := range a {
		name, value, err := assignment(argument)
		if err != nil {
			return nil, err
		}
		if err := assign(object, strings.Split(name, "."), value); err != nil {
			return nil, fmt.Errorf("%q: %w", argument, err)
		}
	}
	return object, nil
}

func assignment(argument string) (name string, value any, err error) {
	name, text, ok := strings.Cut(argument, "=")
	if !ok || name == "" {
		return "", nil, fmt.Errorf("%q is no assignment: write NAME=TEXT, NAME:=JSON or NAME=@FILE", argument)
	}
	if bare, isJSON := strings.CutSuffix(name, ":"); isJSON {
		value, err = strictjson.Decode([]byte(text))
		if err != nil {
			err = fmt.Errorf("%q: %w", argument, err)
		}
		return bare, value, err
	}
	if file, isFile := strings.CutPrefix(text, "@"); isFile {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", nil, fmt.Errorf("%q: the file can not be read: %w", argument, err)
		}
		return name, string(data), nil
	}
	return name, text, nil
}

// assign sets a member below the object, and makes the objects on the way.
func assign(object map[string]any, path []string, value any) error {
	for len(path) > 1 {
		inner, ok := object[path[0]].(map[string]any)
		if _, taken := object[path[0]]; taken && !ok {
			return fmt.Errorf("%s has a value already, so it can not have members", path[0])
		}
		if inner == nil {
			inner = map[string]any{}
			object[path[0]] = inner
		}
		object, path = inner, path[1:]
	}
	object[path[0]] = value
	return nil
}
