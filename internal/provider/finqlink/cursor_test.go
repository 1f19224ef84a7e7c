package finqlink

import "testing"

func FuzzParseCursor(f *testing.F) {
	good := cursor{InsertedAt: "2026-01-15T10:30:00.000000Z", ID: "6f1c2f0e-5a53-4a1c-9a39-0d6a3c1f7b21"}.text()
	for _, seed := range []string{good, good + "=", "", "e30", good[:len(good)-1], "eyJpbnNlcnRlZF9hdCI6IiJ9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := parseCursor(text)
		if !ok {
			return
		}
		// Two texts for one place would be two readings of one list.
		if at.text() != text || stamp(at.at) != at.InsertedAt {
			t.Errorf("%q is taken as %+v, which is written %q", text, at, at.text())
		}
	})
}
