package control

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

type health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

func (c *Control) getHealth(*request) (reply, error) {
	return ok(health{Status: "ok", Version: c.Version})
}

func (c *Control) getSpec(q *request) (reply, error) {
	return reply{status: http.StatusOK, media: "application/yaml", raw: c.Spec.YAML(c.origin(q.Request) + Prefix)}, nil
}

func (c *Control) getAuthority(*request) (reply, error) {
	if c.Authority == nil {
		return reply{}, problem.New(problem.NotFound, "no_ca", "This mockbank serves no HTTPS, so it has no CA. Start it with --tls 127.0.0.1:6266.")
	}
	return reply{status: http.StatusOK, media: "application/x-pem-file", raw: c.Authority}, nil
}

// providerView is all that a newcomer needs of a provider.
type providerView struct {
	ID             string           `json:"id"`
	Title          string           `json:"title"`
	SpecURL        string           `json:"spec_url,omitzero"`
	Faces          []faceView       `json:"faces"`
	Credentials    []credentialView `json:"credentials"`
	Kinds          []string         `json:"kinds"`
	Scenarios      []scenarioView   `json:"scenarios"`
	Settings       map[string]any   `json:"settings"`
	ClientSettings map[string]any   `json:"client_settings"`
}

type faceView struct {
	Name    string   `json:"name"`
	BaseURL string   `json:"base_url"`
	Hosts   []string `json:"hosts"`
}

type credentialView struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (c *Control) listProviders(q *request) (reply, error) {
	name := q.query.Get("workspace")
	base := c.origin(q.Request)
	if name != "" && name != store.Default {
		base += workspacePath + name
	}
	if name == "" {
		name = store.Default
	}
	if err := checkWorkspace(name, "query:workspace"); err != nil {
		return reply{}, err
	}
	ws := c.Store.Workspace(name)
	var all []providerView
	for _, r := range c.Providers {
		all = append(all, describe(r, ws, base))
	}
	slices.SortFunc(all, func(a, b providerView) int { return strings.Compare(a.ID, b.ID) })
	return ok(cut(q, all, func(p providerView) string { return p.ID }))
}

func describe(r *provider.Runtime, ws *store.Workspace, base string) providerView {
	v := providerView{
		ID: r.ID, Title: r.Title, Kinds: append([]string{}, r.KindNames()...), Credentials: []credentialView{}, Faces: []faceView{},
		Scenarios: scenariosOf(r, ws), Settings: r.Settings(&store.Workspace{}), ClientSettings: r.ClientSettings(&oauth.Client{}),
	}
	for i, face := range r.Faces {
		if i == 0 {
			v.SpecURL = base + face.Mount + "/openapi.yaml"
		}
		v.Faces = append(v.Faces, faceView{Name: face.Name, BaseURL: base + face.Mount, Hosts: append([]string{}, face.Hosts...)})
	}
	for _, credential := range r.Credentials {
		v.Credentials = append(v.Credentials, credentialView(credential))
	}
	return v
}
