package finqlink

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"
)

func TestAddressesKeepWhatTheyHave(t *testing.T) {
	for address, want := range map[string]string{
		"http://shop.example/paid":          "http://shop.example/paid?status=a+b",
		"http://shop.example/paid?order=7":  "http://shop.example/paid?order=7&status=a+b",
		"http://shop.example/?a=1#part?x":   "http://shop.example/?a=1&status=a+b#part?x",
		"http://shop.example/paid?q=%2F+%3": "http://shop.example/paid?q=%2F+%3&status=a+b",
		"myapp://paid":                      "myapp://paid?status=a+b",
	} {
		if got := withQuery(address, "status", "a b"); got != want {
			t.Errorf("%s becomes %s, want %s", address, got, want)
		}
	}
}

// Whatever is added is read back as it was, and nothing else comes with it.
func TestAddedValuesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		u, err := url.Parse(withQuery("http://shop.example/paid?order=7#end", "error_description", value))
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		if len(query) != 2 || query.Get("order") != "7" || query.Get("error_description") != value || u.Fragment != "end" {
			t.Fatalf("%s", u)
		}
	})
}
