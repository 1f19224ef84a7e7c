package machine

import (
	"encoding/json"
	"maps"
	"regexp"
)

// schema is a JSON Schema, or a piece of one, in the words of draft 7: those are what the editors' plugins know.
type schema map[string]any

const schemaDialect = "http://json-schema.org/draft-07/schema#"

// Schema gives the JSON Schema of scenario files, for editors. It is made of the tables by which the files are
// read. It knows their form only; what names stand for, and YAML's own traps, the linter knows.
func Schema() ([]byte, error) {
	file := mappingSchema(fileKeys)
	file["$schema"] = schemaDialect
	file["title"] = "Scenario file of mockbank"
	file["description"] = "The law and the stories of one kind of entity: <provider>/<kind>.yaml."
	return json.MarshalIndent(file, "", "  ")
}

// mappingSchema describes a mapping by its table of keys.
func mappingSchema[T any](keys []key[T]) schema {
	properties := schema{}
	required := []string{}
	for _, k := range keys {
		described := maps.Clone(k.form.schema)
		described["description"] = k.about
		properties[k.name] = described
		if k.must {
			required = append(required, k.name)
		}
	}
	return schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// namedSchema describes a mapping whose keys are names of a form.
func namedSchema(names *regexp.Regexp, value schema) schema {
	return schema{"type": "object", "propertyNames": schema{"pattern": names.String()}, "additionalProperties": value}
}

// orNothing lets a mapping be left out behind its key: "manual:" is a scenario.
func orNothing(s schema) schema {
	s["type"] = []string{"object", "null"}
	return s
}

func listSchema(items schema) schema { return schema{"type": "array", "items": items} }

func textSchema() schema { return schema{"type": "string", "minLength": 1} }

func patternSchema(form *regexp.Regexp) schema {
	return schema{"type": "string", "pattern": form.String()}
}

// delaySchema takes a literal, or anything that does not look like one: that is an expression.
func delaySchema() schema {
	return schema{"type": "string", "minLength": 1, "anyOf": []schema{
		{"pattern": businessSpan.String()}, {"pattern": plainSpan.String()}, {"not": schema{"pattern": looksLiteral.String()}},
	}}
}
