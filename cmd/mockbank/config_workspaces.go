package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/control"
	"github.com/mockbank/mockbank/internal/strictyaml"
)

// clients is where in what is said of a workspace its clients stand: by provider, then by id.
const clients = "clients"

// workspaces is what the file says of workspaces, with the files of keys and secrets read in.
func (c *configFile) workspaces() (map[string]map[string]any, error) {
	all := map[string]map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(c.Workspaces)) {
		said := maps.Clone(c.Workspaces[name])
		if _, ok := said[clients]; ok {
			read, err := c.clients(name)
			if err != nil {
				return nil, err
			}
			said[clients] = read
		}
		all[name] = said
	}
	return all, nil
}

// clients are those of a workspace with their files read in. What is no mapping is left to the control API to refuse.
func (c *configFile) clients(workspace string) (any, error) {
	providers, ok := c.Workspaces[workspace][clients].(map[string]any)
	if !ok {
		return c.Workspaces[workspace][clients], nil
	}
	all := map[string]any{}
	for _, provider := range slices.Sorted(maps.Keys(providers)) {
		byID, ok := providers[provider].(map[string]any)
		if !ok {
			return providers, nil
		}
		read, err := c.clientsOf(byID, workspace, provider)
		if err != nil {
			return nil, err
		}
		all[provider] = read
	}
	return all, nil
}

func (c *configFile) clientsOf(byID map[string]any, workspace, provider string) (map[string]any, error) {
	all, seen := map[string]any{}, marks{}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		client, ok := byID[id].(map[string]any)
		if !ok {
			all[id] = byID[id]
			continue
		}
		path := []string{"workspaces", workspace, clients, provider, id}
		read, err := c.client(client, path)
		if err == nil {
			err = c.expectUnique(seen, id, client, read, path)
		}
		if err != nil {
			return nil, err
		}
		all[id] = read
	}
	return all, nil
}

// client reads in the files that one client names.
func (c *configFile) client(said map[string]any, path []string) (map[string]any, error) {
	read := maps.Clone(said)
	for _, f := range clientFiles {
		name, ok := said[f.key]
		if !ok {
			continue
		}
		if _, both := said[f.member]; both {
			return nil, c.wrong(append(path, f.key), "give %s or %s, not both", f.key, f.member)
		}
		text, _ := name.(string)
		value, err := f.load(c.beside(text))
		if err != nil {
			return nil, c.wrong(append(path, f.key), "%s: %w", f.key, err)
		}
		delete(read, f.key)
		read[f.member] = value
	}
	return read, nil
}

// mark is what two clients of a provider must not share: a name or a kid.
type mark struct{ sort, text string }

// marks tells where each stands, and of which client.
type marks map[mark]struct{ client, place string }

// expectUnique wants names and kids that no client before has. said names the places, read has what is in files.
func (c *configFile) expectUnique(seen marks, id string, said, read map[string]any, path []string) error {
	for _, found := range marksOf(said, read) {
		place := c.place(append(path, found.key))
		first, twice := seen[found.mark]
		if twice && first.client != id {
			return fmt.Errorf("%s: the %s %q is also that of the client %s, at %s; give each client its own", place, found.sort, found.text, first.client, first.place)
		}
		seen[found.mark] = struct{ client, place string }{id, place}
	}
	return nil
}

// placedMark is a mark with the key at which it stands.
type placedMark struct {
	mark
	key string
}

func marksOf(said, read map[string]any) []placedMark {
	var all []placedMark
	add := func(sort string, value any, key string) {
		if text, _ := value.(string); text != "" {
			all = append(all, placedMark{mark{sort, text}, key})
		}
	}
	add("name", read["name"], "name")
	add("kid", read["kid"], "kid")
	key := "jwks"
	if _, ok := said[key]; !ok {
		key = "jwks_file"
	}
	for _, one := range keysOf(read["jwks"]) {
		add("kid", one["kid"], key)
	}
	return all
}

// keysOf are the keys of a JWK set, or the one that stands alone.
func keysOf(jwks any) (all []map[string]any) {
	set, _ := jwks.(map[string]any)
	list, ok := set["keys"].([]any)
	if !ok {
		list = []any{set}
	}
	for _, item := range list {
		if one, ok := item.(map[string]any); ok {
			all = append(all, one)
		}
	}
	return all
}

// place is where the deepest of a path of keys stands.
func (c *configFile) place(path []string) string {
	line, column := strictyaml.Place(c.data, path...)
	return fmt.Sprintf("%s:%d:%d", c.name, line, column)
}

func (c *configFile) wrong(path []string, format string, args ...any) error {
	return fmt.Errorf("%s: %w", c.place(path), fmt.Errorf(format, args...))
}

// placed says where in the file stands what was found wrong when it was put into force, and in which other file.
func (c *configFile) placed(err error) error {
	var wrong *control.ConfigurationError
	if !errors.As(err, &wrong) {
		return err
	}
	path := []string{"workspaces", wrong.Workspace}
	for segment := range strings.SplitSeq(strings.Trim(wrong.Pointer, "/"), "/") {
		path = append(path, strings.NewReplacer("~1", "/", "~0", "~").Replace(segment))
	}
	if key, name := c.origin(path[1:]); key != "" {
		path[5] = key
		return c.wrong(path, "%s %s: %w", key, c.beside(name), err)
	}
	return c.wrong(path, "%w", err)
}

// origin tells from which file a member of a client came: the key that names it, and the name; empty where it stands in
// the configuration itself. The path is workspace, clients, provider, id, member.
func (c *configFile) origin(path []string) (key, name string) {
	if len(path) < 5 || path[1] != clients {
		return "", ""
	}
	said := any(c.Workspaces[path[0]])
	for _, segment := range path[1:4] {
		members, _ := said.(map[string]any)
		said = members[segment]
	}
	client, _ := said.(map[string]any)
	for _, f := range clientFiles {
		if name, ok := client[f.key].(string); ok && f.member == path[4] {
			return f.key, name
		}
	}
	return "", ""
}
