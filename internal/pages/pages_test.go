package pages

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func render(t *testing.T, b Bank) string {
	t.Helper()
	s, err := NewSimulator()
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Render(b, Refresh{})
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestABankAsksForWhatItsLoginTakes(t *testing.T) {
	for login, want := range map[Login][]string{
		ByPSUID: {"user"}, ByPhone: {"user"}, ByPassword: {"user", "password"}, ByPasswordPIN: {"user", "password", "pin"},
	} {
		var names []string
		for _, f := range (Bank{Login: login, Words: englishBank}).Fields() {
			names = append(names, f.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s asks for %v", login, names)
		}
	}
}

func TestABankShowsOneStepAtATime(t *testing.T) {
	accounts := []Account{{IBAN: "RO1", Name: "First"}, {IBAN: "RO2", Name: "Second"}}
	for _, test := range []struct {
		name       string
		bank       Bank
		has, lacks []string
	}{
		{"nobody logged in", Bank{Login: ByPSUID, Accounts: accounts}, []string{`value="login"`, `value="cancel"`}, []string{`value="approve"`, "RO1"}},
		{"somebody", Bank{Login: ByPSUID, User: "u", Accounts: accounts}, []string{`value="approve"`, `value="cancel"`, "RO1", "RO2"}, []string{`value="login"`}},
		{"without accounts", Bank{User: "u"}, []string{`value="approve"`}, []string{`name="account"`}},
		{"with stories", Bank{Stories: []Story{{Name: "late", Title: "Too late"}}}, []string{`name="story" value="late"`, `value="fault"`, `value="decline"`, `value="time_out"`}, nil},
		{
			"a decision in one step", Bank{Login: ByDecision, Ask: []Field{{Name: "who", Optional: true}}, Labels: Labels{"Ja", "Nein", "Weg"}, Tests: []Line{{Name: "yes", Value: "it is"}}},
			[]string{`name="who"`, `value="approve">Ja<`, `value="decline" formnovalidate>Nein<`, `value="cancel" formnovalidate>Weg<`, "<dt>yes</dt>"},
			[]string{`value="login"`, `value="fault"`, "Cancel"},
		},
		{"of an app", Bank{Login: ByPhone, User: "u"}, []string{`role="status"`, "Approve it in your banking app", "Your phone", `value="approve"`}, []string{`name="password"`}},
		{"in another language", Bank{Login: ByPassword, Words: BankWords{UserName: "Nume", Password: "Parolă", LogIn: "Intră"}}, []string{"Nume", "Parolă", ">Intră<"}, []string{"User name", "Log in"}},
		{"after a mistake", Bank{Problem: "Wrong."}, []string{`role="alert">Wrong.`}, nil},
	} {
		page := render(t, test.bank)
		for _, text := range test.has {
			if !strings.Contains(page, text) {
				t.Errorf("%s: there is no %s", test.name, text)
			}
		}
		for _, text := range test.lacks {
			if strings.Contains(page, text) {
				t.Errorf("%s: there is a %s", test.name, text)
			}
		}
	}
}

// Whatever strangers call themselves, a page holds the same elements.
func TestTextStaysText(t *testing.T) {
	s, err := NewSimulator()
	if err != nil {
		t.Fatal(err)
	}
	tags := func(text string) int {
		page, err := s.Render(Bank{Name: text, Action: "/x", User: text, Problem: text, Story: text, Order: []Line{{Name: text, Value: text}}, Accounts: []Account{{IBAN: text, Name: text}}}, Refresh{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(page), "<")
	}
	plain := tags("x")
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[a-z<>"'&/= ]{1,30}`).Draw(rt, "text")
		if got := tags(text); got != plain {
			rt.Fatalf("%q adds %d tags", text, got-plain)
		}
	})
}

// A control without a label can not be told by those who do not see it.
func TestEveryFieldHasItsLabel(t *testing.T) {
	page := render(t, Bank{Login: ByPasswordPIN})
	for _, name := range []string{"user", "password", "pin"} {
		if !strings.Contains(page, `<label for="`+name+`">`) || !strings.Contains(page, `<input id="`+name+`"`) {
			t.Errorf("%s has no label", name)
		}
	}
	for _, want := range []string{`<html lang="en">`, `name="viewport"`, `<main id="main">`, `href="#main"`} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestAFieldHelpsWhoFillsItIn(t *testing.T) {
	page, err := New(`{{define "content"}}{{template "field" .}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]Field{
		` inputmode="numeric"`:                     {Keys: "numeric"},
		` placeholder="MM/YY"`:                     {Example: "MM/YY"},
		` maxlength="4"`:                           {Longest: 4},
		` required autofocus`:                      {Focus: true},
		`<label for="x">L</label>`:                 {Optional: true, Quiet: true},
		`L <span class="optional">optional</span>`: {Optional: true},
	} {
		f.Name, f.Label = "x", "L"
		got, err := page.Render(Shell{}, f)
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("there is no %s: %v", want, err)
		}
		bare, err := page.Render(Shell{}, Field{Name: "y", Label: "M"})
		if err != nil || strings.Contains(string(bare), want) {
			t.Errorf("%s is always there: %v", want, err)
		}
	}
}

func TestAPageGoesOnByItself(t *testing.T) {
	page, err := New(Notices)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		refresh Refresh
		want    string
	}{
		{Refresh{}, ""}, {Refresh{Seconds: 3, URL: "/next?a=1&b=2"}, `content="3;url=/next?a=1&amp;b=2"`},
	} {
		got, err := page.Render(Shell{Title: "T", Refresh: test.refresh}, Notice{Title: "T", Tone: Good})
		if err != nil || strings.Contains(string(got), `http-equiv="refresh"`) != (test.want != "") || !strings.Contains(string(got), test.want) {
			t.Errorf("%v: %v\n%s", test.refresh, err, got)
		}
	}
}

// With a script the page is followed by it; the browser's own refresh is for where scripts do not run.
func TestALivePageIsFollowedByItsScript(t *testing.T) {
	page, err := New(Notices)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		shell       Shell
		has, hasNot []string
	}{
		"watched": {
			Shell{Live: Live{Script: "/live.js", Watch: "/x/status", Seen: "a&b"}, Refresh: Refresh{Seconds: 2, URL: "/x"}},
			[]string{`<noscript><meta http-equiv="refresh" content="2;url=/x"></noscript>`, `data-watch="/x/status" data-seen="a&amp;b"`, `<script src="/live.js" defer>`}, []string{"data-next"},
		},
		"going on":       {Shell{Live: Live{Script: "/live.js"}, Refresh: Refresh{Seconds: 3, URL: "/y"}}, []string{`data-next="/y" data-after="3"`, "<noscript>"}, []string{"data-watch"}},
		"without script": {Shell{Refresh: Refresh{Seconds: 3, URL: "/y"}}, []string{`content="3;url=/y"`}, []string{"<noscript>", "data-", "<script"}},
		"quiet":          {Shell{Live: Live{Script: "/live.js"}}, []string{"<script"}, []string{"data-", "refresh"}},
	} {
		got, err := page.Render(test.shell, Notice{})
		_, body, _ := strings.Cut(string(got), "</style>")
		head, _, _ := strings.Cut(string(got), "<style>")
		for _, want := range test.has {
			if err != nil || !strings.Contains(head+body, want) {
				t.Errorf("%s: there is no %s: %v", name, want, err)
			}
		}
		for _, want := range test.hasNot {
			if strings.Contains(head+body, want) {
				t.Errorf("%s: there is a %s", name, want)
			}
		}
		if runs := strings.Contains(test.shell.Header().Get("Content-Security-Policy"), "script-src 'self'; connect-src 'self'"); runs != (test.shell.Live.Script != "") {
			t.Errorf("%s: scripts are allowed: %v", name, runs)
		}
	}
}

func TestAShellOffersItsLanguagesAndWearsItsStyle(t *testing.T) {
	page, err := New(Notices)
	if err != nil {
		t.Fatal(err)
	}
	got, err := page.Render(Shell{Style: "x{y:z}", Languages: []Tongue{{Tag: "en", Name: "English", URL: "/?lang=en", Here: true}, {Tag: "ro", Name: "Română", URL: "/?lang=ro"}}}, Notice{})
	for _, want := range []string{"x{y:z}</style>", `<a href="/?lang=en" lang="en" hreflang="en" aria-current="true">English</a>`, `<a href="/?lang=ro" lang="ro" hreflang="ro">Română</a>`} {
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("there is no %s: %v", want, err)
		}
	}
}

func TestAShellIsInItsLanguage(t *testing.T) {
	page, err := New(Notices)
	if err != nil {
		t.Fatal(err)
	}
	got, err := page.Render(Shell{Language: "pl-PL", Words: Words{"S", "T", "U"}, Logo: ReadPicture("https://a.example/l.png"), Background: ReadBackground("url(https://b.example/x),red")}, Notice{})
	for _, want := range []string{
		`<html lang="pl-PL">`, `href="#main">S</a>`, `"badge">T</span>`, "<footer>U</footer>", `<img class="logo" src="https://a.example/l.png" alt="">`,
		`style="background-color:red;background-image:url(&#34;https://b.example/x&#34;)"`,
	} {
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("there is no %s: %v\n%s", want, err, got)
		}
	}
}

func TestChoicesAreRead(t *testing.T) {
	form := map[string]string{"do": "login", "user": " u ", "password": " p ", "pin": "1", "account": "RO1", "story": "late"}
	want := Choice{Do: DoLogin, User: "u", Password: " p ", PIN: "1", Account: "RO1", Story: "late"}
	if got := ReadChoice(func(name string) string { return form[name] }); got != want {
		t.Errorf("%+v", got)
	}
}

func TestLogos(t *testing.T) {
	for name, want := range map[string]string{
		"Banca Transilvania (mock)": "BT", "BCR (mock)": "BC", "RoPay (mock)": "RO", "x": "X", "": "?", "& Co": "CO", "Ängsö bank": "ÄB",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q has the initials %s", name, got)
		}
		for decoder := xml.NewDecoder(strings.NewReader(string(Logo(name + `"<&`)))); ; {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
		}
	}
}
