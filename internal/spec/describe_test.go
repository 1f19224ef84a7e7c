package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const described = `openapi: 3.0.3
info: { title: t, version: "1" }
servers: [{ url: "https://x.example" }]
paths:
  /a:
    post:
      operationId: a
      summary: Does it
      parameters: [{ name: X-Id, in: header, required: true, description: Who calls., schema: { type: string, maxLength: 8 } }]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [name, info]
              properties:
                name: { type: string, pattern: "^[a-z]+$", example: abc, description: A name. }
                kind: { type: string, enum: [x, y] }
                info: { type: object, required: [n], properties: { n: { type: string, minLength: 2, maxLength: 3 } } }
      responses:
        "200": { description: Done., content: { application/json: { schema: { type: object, properties: { ok: { type: boolean } } } } } }
`

func TestOperationsAreDescribed(t *testing.T) {
	document, err := Load("t", []byte(described))
	if err != nil {
		t.Fatal(err)
	}
	op := document.Operations()[0]
	if op.Summary() != "Does it" {
		t.Errorf("the summary is %q", op.Summary())
	}
	for _, diff := range []string{
		cmp.Diff([]Part{{Name: "X-Id", In: "header", Required: true, Form: "a string, up to 8 characters", Text: "Who calls."}}, op.Parameters()),
		cmp.Diff([]Part{
			{Name: "name", Required: true, Form: "a string, ^[a-z]+$", Text: "A name.", Example: "abc"}, {Name: "kind", Form: "one of x, y"},
			{Name: "info", Required: true, Form: "an object"}, {Name: "info.n", Required: true, Form: "a string, 2 to 3 characters"},
		}, op.Body("application/json")),
		cmp.Diff([]Answer{{Status: "200", Text: "Done.", Media: []string{"application/json"}, Parts: []Part{{Name: "ok", Form: "a boolean"}}}}, op.Answers()),
		cmp.Diff(map[string]any{"name": "abc", "info": map[string]any{"n": "XX"}}, op.Sample("application/json")),
	} {
		if diff != "" {
			t.Error(diff)
		}
	}
	if op.Body("text/xml") != nil || op.Sample("text/xml") != nil {
		t.Error("there is a body of another type")
	}
}
