package spec

import (
	"encoding/json"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// served is a document that mockbank serves, and not one made for a test.
func served(t testing.TB, name string) *Document {
	t.Helper()
	data, err := os.ReadFile("../../specs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	document, err := Load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// An acceptor that nobody has is no help: a keyword that it does not know would make it go away unnoticed. The
// control API can do without.
func TestServedSchemasHaveAcceptors(t *testing.T) {
	for _, name := range []string{"finqlink.yaml", "linkmoney.yaml", "onelinkfintech.yaml", "payone.yaml"} {
		document := served(t, name)
		for schema, s := range document.parsed().schemas {
			if s.ways().quick == nil {
				t.Errorf("%s: the schema %s is left to the library", name, schema)
			}
		}
		for _, op := range document.Operations() {
			for media, s := range op.bodies {
				if s.ways().quick == nil {
					t.Errorf("%s: the body %s of %s is left to the library", name, media, op.ID)
				}
			}
			for status, r := range op.replies {
				for media, s := range r.bodies {
					if s.ways().quick == nil && media == "application/json" {
						t.Errorf("%s: the reply %s of %s is left to the library", name, status, op.ID)
					}
				}
			}
		}
	}
}

// What an acceptor takes, the library must find nothing wrong with: for documents that use every keyword, and
// for values near to good ones.
func TestAcceptorsTakeNothingThatIsWrong(t *testing.T) {
	document := served(t, "finqlink.yaml")
	var names []string
	for name := range document.parsed().schemas {
		names = append(names, name)
	}
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		schema := document.parsed().schemas[rapid.SampledFrom(names).Draw(t, "schema")]
		value := near(t, schema, 0)
		text, err := json.MarshalIndent(value, "", rapid.SampledFrom([]string{"", " "}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		if !schema.Accepts(text) {
			return
		}
		accepted++
		if broken := schema.judge(value); len(broken) > 0 {
			t.Fatalf("accepted %s, and the library says %+v", text, broken)
		}
	})
	if accepted == 0 {
		t.Error("nothing was ever accepted")
	}
}

// near draws a value that a schema might take: mostly of the right form, sometimes not.
func near(t *rapid.T, s *Schema, depth int) any {
	if depth > 5 || rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
		return rapid.SampledFrom([]any{nil, "", "x", json.Number("1"), json.Number("1.5"), json.Number("1e2"), true, []any{}, map[string]any{}}).Draw(t, "other")
	}
	tree := s.tree
	switch {
	case tree.Type.Is("object"):
		object := map[string]any{}
		for name, ref := range tree.Properties {
			if rapid.IntRange(0, 9).Draw(t, name) > 0 {
				object[name] = near(t, &Schema{tree: ref.Value}, depth+1)
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
			object["nobody_knows"] = json.Number("1")
		}
		return object
	case tree.Type.Is("array"):
		var list []any
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			list = append(list, near(t, &Schema{tree: tree.Items.Value}, depth+1))
		}
		return append([]any{}, list...)
	case tree.Type.Is("boolean"):
		return rapid.Bool().Draw(t, "flag")
	case tree.Type.Is("integer"), tree.Type.Is("number"):
		return json.Number(rapid.SampledFrom([]string{"0", "1", "50", "250", "251", "-1", "1.0", "604800", "99999999999999999999"}).Draw(t, "number"))
	case len(tree.Enum) > 0:
		return rapid.SampledFrom(append([]any{"none of them"}, tree.Enum...)).Draw(t, "enum")
	}
	return rapid.SampledFrom([]string{
		"", "a", "shop-17", "125.50", "0.00", "01.00", "RO10RZBR0000069999999970", "RO11RZBR0000069999999970", "2026-01-15T10:30:00Z",
		"2026-02-31T10:30:00Z", "2026-01-15T10:30:00.000000Z", "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21", "k7Q2mX9pLr4Tz8Wd", "http://localhost:3000/paid", "javascript:alert(1)",
		"https://sandbox-pay.finqware.com/web/k7Q2mX9pLr4Tz8Wd", "é", "60s", "Magazin Exemplu SRL",
	}).Draw(t, "text")
}

// A truncated or continued document is not the value that was accepted.
func TestAcceptorsReadToTheEnd(t *testing.T) {
	schema := served(t, "finqlink.yaml").Schema("webhook.link_status_update")
	good := `{"type":"link_status_update","link_id":"6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21","web_id":"k7Q2mX9pLr4Tz8Wd","status":"completed"}`
	if !schema.Accepts([]byte(good)) || !schema.Accepts([]byte(" "+good+"\n")) {
		t.Error("the documented body is left to the library")
	}
	for end := range len(good) {
		if schema.Accepts([]byte(good[:end])) {
			t.Errorf("accepted %s", good[:end])
		}
	}
	for _, more := range []string{"x", good, ",", "}"} {
		if schema.Accepts([]byte(good + more)) {
			t.Errorf("accepted %s", good+more)
		}
	}
}
