package attack

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/strictjson"
	"github.com/mockbank/mockbank/specs"
)

// documents are those of the doors, read apart from the program that is held to them.
var documents = sync.OnceValues(func() (map[string]*spec.Document, error) {
	all := map[string]*spec.Document{}
	for _, d := range doors {
		data, err := specs.FS.ReadFile(d.spec + ".yaml")
		if err != nil {
			return nil, err
		}
		if all[d.spec], err = spec.Load(d.spec+".yaml", data); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// operation is the one that a request means; nil: none.
func (d door) operation(t *testing.T, method, path string) *spec.Operation {
	t.Helper()
	all, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	path, _, _ = strings.Cut(path, "?")
	have := strings.Split(path, "/")
	for _, op := range all[d.spec].Operations() {
		if params, ok := match(have, strings.Split(op.Path, "/")); ok && op.Method == method && op.PathMatches(params) {
			return op
		}
	}
	return nil
}

func match(have, want []string) (params map[string]string, ok bool) {
	params = map[string]string{}
	if len(have) != len(want) {
		return nil, false
	}
	for i, part := range want {
		value, err := url.PathUnescape(have[i])
		name, isParam := strings.CutPrefix(part, "{")
		switch {
		case err != nil || value == "" && isParam:
			return nil, false
		case isParam:
			params[strings.TrimSuffix(name, "}")] = value
		case part != have[i]:
			return nil, false
		}
	}
	return params, true
}

// hold holds an answer to the document, whatever its status.
func (d door) hold(t *testing.T, method, path string, a answer) {
	t.Helper()
	op := d.operation(t, method, path)
	if op == nil {
		return
	}
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil && a.body != "" {
		t.Fatalf("%s %s: the answer is of no type: %s", method, path, a)
	}
	var value any
	if strings.HasSuffix(media, "json") {
		if err := strictjson.Unmarshal([]byte(a.body), &value); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, a)
		}
	}
	if err := op.CheckReply(a.status, media, a.header, value); err != nil {
		t.Errorf("%s %s: %v: %s", method, path, err, a)
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" && a.status != http.StatusNoContent {
		t.Errorf("%s %s: a browser may take the answer for something else: %v", method, path, a.header)
	}
}
