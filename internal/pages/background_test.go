package pages

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestBackgrounds(t *testing.T) {
	for value, want := range map[string]string{
		"linear-gradient(to bottom right, #ffffff, #3295d6)": "background-image:linear-gradient(to bottom right,#ffffff,#3295d6)",
		" #FFF ":              "background-color:#fff",
		"RebeccaPurple":       "background-color:rebeccapurple",
		"rgb(10 20 30 / 50%)": "background-color:rgb(10 20 30 / 50%)",
		"rgba(10, 20,30,.5)":  "background-color:rgba(10,20,30,.5)",
		"hsl(200deg 50% 40%)": "background-color:hsl(200deg 50% 40%)",
		"radial-gradient(circle at 20% -5px, red 0%, rgba(0,0,0,.5) 100%)":    "background-image:radial-gradient(circle at 20% -5px,red 0%,rgba(0,0,0,.5) 100%)",
		"repeating-conic-gradient(from 45deg, gold 0 10%, transparent 0 20%)": "background-image:repeating-conic-gradient(from 45deg,gold 0 10%,transparent 0 20%)",
		"url(https://shop.example/a.jpg)":                                     `background-image:url("https://shop.example/a.jpg")`,
		`url( "https://shop.example/a.jpg?w=1&h=2" )`:                         `background-image:url("https://shop.example/a.jpg?w=1&h=2")`,
		"linear-gradient(red,blue), URL('https://shop.example/a.jpg'), navy":  `background-color:navy;background-image:linear-gradient(red,blue),url("https://shop.example/a.jpg")`,
	} {
		if got := ReadBackground(value).CSS(); string(got) != want {
			t.Errorf("%q:\n got %s\nwant %s", value, got, want)
		}
	}
}

func TestWhatIsNoBackground(t *testing.T) {
	for _, value := range []string{
		"", ",", "red,", ",red", "red, blue", "red;color:blue", "red}", "red blue", "notacolour", "inherit", "var(--x)", "red(1)",
		"#12", "#12345", "#ggg", "#ffffff0", "rgb()", "rgb(1,,2)", "rgb(1,2,3", "rgb(red)", "rgb(1)(2)",
		"linear-gradient()", "linear-gradient(red", "linear-gradient(red,)", "linear-gradient(,red)", "linear-gradient(url(https://a.example/x),red)",
		"linear-gradient(linear-gradient(red,blue),red)", "linear-gradient(10furlongs,red)", "linear-gradient (red,blue)",
		"url(http://shop.example/a.jpg)", "url(//shop.example/a.jpg)", "url(/a.jpg)", "url(data:image/png;base64,AA)", "url(javascript:alert(1))",
		`url("https://shop.example/a.jpg)`, `url("https://shop.example/a.jpg'"`, "url(https://shop.example/a b)", `url(https://shop.example/\29)`,
		"url(https://user:word@shop.example/a)", "url(https://*.example/a)", "url(https://shop.example/a.jpg) no-repeat", "image-set(red)", "element(#x)",
		"expression(alert(1))", "red/**/", "re\\64", "red !important", "red</style><script>", strings.Repeat("#fff,", 5000) + "red",
	} {
		if b := ReadBackground(value); b.CSS() != "" || b.Pictures() != nil {
			t.Errorf("%.80q became %s", value, b.CSS())
		}
	}
}

func TestPictures(t *testing.T) {
	for address, want := range map[string]Picture{
		"https://shop.example/logo.png":        {"https://shop.example/logo.png", "https://shop.example/logo.png"},
		"http://shop.example:8080/l.png?a=1#x": {"http://shop.example:8080/l.png?a=1", "http://shop.example:8080/l.png"},
		"https://shop.example":                 {"https://shop.example/", "https://shop.example/"},
		"https://shop.example/a;b,c'd":         {"https://shop.example/a;b,c'd", "https://shop.example/a%3Bb%2Cc%27d"},
		"https://127.0.0.1:9/a":                {"https://127.0.0.1:9/a", "https://127.0.0.1:9/a"},
		"":                                     {}, "/logo.png": {}, "//shop.example/l.png": {}, "ftp://shop.example/l.png": {}, "data:image/png,x": {}, "javascript:alert(1)": {},
		"https://*.example/l.png": {}, "https://*": {}, "https://u:p@shop.example/": {}, "https://[::1]/l.png": {}, "https://shop.example;script-src/": {}, "https:///l.png": {},
	} {
		if got := ReadPicture(address); got != want {
			t.Errorf("%q: %+v", address, got)
		}
	}
}

// What a page may load is what it shows, and nothing beside it.
func TestThePolicyNamesThePictures(t *testing.T) {
	for _, test := range []struct {
		logo, background string
		want             string
	}{
		{"", "", "img-src 'self' data:;"},
		{"https://a.example/l.png?v=2", "", "img-src 'self' data: https://a.example/l.png;"},
		{"", "url(https://b.example/x;y.jpg), red", "img-src 'self' data: https://b.example/x%3By.jpg;"},
		{"https://a.example/; script-src *", "url(http://b.example/)", "img-src 'self' data: https://a.example/%3B%20script-src%20%2A;"},
	} {
		shell := Shell{Logo: ReadPicture(test.logo), Background: ReadBackground(test.background)}
		policy := shell.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, test.want) {
			t.Errorf("%+v: %s", test, policy)
		}
		if strings.Count(policy, ";") != strings.Count((Shell{}).Header().Get("Content-Security-Policy"), ";") {
			t.Errorf("%+v adds a directive: %s", test, policy)
		}
	}
}

var safeCSS = regexp.MustCompile(`^(background-color:[a-z0-9#(),./% +-]+)?;?(background-image:(url\("https://[^"'()\\\s<>]+"\)|[a-z0-9#(),./% +-])+)?$`)

func FuzzBackground(f *testing.F) {
	for _, seed := range []string{
		"linear-gradient(to right, #fff 10%, rgba(0,0,0,.5)), url('https://a.example/b'), red", "url(https://a.example/\")", "red;x:y", "rgb(1 2 3 / 4%)", `url(https://a.example/%22)`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		b := ReadBackground(value)
		css := string(b.CSS())
		if !safeCSS.MatchString(css) || strings.Count(css, "url(") != len(b.Pictures()) {
			t.Fatalf("%q became %q", value, css)
		}
		layers := strings.TrimPrefix(string(Background{images: b.images}.CSS()), "background-image:")
		if layers != "" {
			again := ReadBackground(layers)
			if !slices.Equal(again.images, b.images) {
				t.Fatalf("%q became %q, and that became %q", value, b.images, again.images)
			}
		}
	})
}
