package mail

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var at = time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)

func TestLettersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z0-9]{1,40}`)
		line := rapid.StringOf(rapid.RuneFrom([]rune("abc xyz=.?_ăîșț✓<>&\"'"))) // A line end in a header would be another header.
		want := Letter{
			From: "noreply@" + word.Draw(t, "domain") + ".example", To: rapid.SliceOfN(rapid.Map(word, func(s string) string { return s + "@example.test" }), 1, 3).Draw(t, "to"),
			Subject: strings.Join(strings.Fields(line.Draw(t, "subject")), " "), Text: strings.Join(rapid.SliceOf(line).Draw(t, "lines"), "\n"), At: at,
		}
		data, err := want.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(data)
		want.From = "<" + want.From + ">"
		if err != nil || !cmp.Equal(got, want) {
			t.Fatalf("%v %s\n%s", err, cmp.Diff(want, got), data)
		}
		for _, line := range bytes.Split(data, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Fatalf("RFC 5322 section 2.1.1: the line %q", line)
			}
		}
	})
}

func TestNoHeaderCanBeAdded(t *testing.T) {
	data, err := Letter{From: "a@example.test", To: []string{"b@example.test"}, Subject: "x\r\nBcc: c@example.test", Text: "y\r\n.\r\nz", At: at}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil || m.Header.Get("Bcc") != "" {
		t.Errorf("%v %v", err, m.Header)
	}
	for _, to := range []string{"", "b", "b@example.test\r\nBcc: c@example.test", "b@example.test, c@example.test"} {
		if _, err := (Letter{From: "a@example.test", To: []string{to}, At: at}).Bytes(); err == nil {
			t.Errorf("%q is taken for an address", to)
		}
	}
}

func TestParseRelay(t *testing.T) {
	for address, want := range map[string]string{
		"smtp://127.0.0.1:1025": "127.0.0.1:1025", "smtp://mailpit": "mailpit:25", "smtps://ann@mail.example": "mail.example:465",
		"smtp+starttls://ann@mail.example": "mail.example:587", "smtp://ann@localhost:1025": "localhost:1025", "smtp://[::1]:25": "[::1]:25",
	} {
		if r, err := ParseRelay(address, ""); err != nil || r.address != want {
			t.Errorf("%s: %v %v, want %s", address, r, err, want)
		}
	}
	for address, says := range map[string]string{
		"": "is no mail server", "127.0.0.1:1025": "is no mail server", "http://x": "is no mail server", "smtp://": "is no mail server", "smtp://x/y": "is no mail server",
		"smtps://ann:secret@mail.example": "give it apart", "smtp://ann@mail.example": "readable",
	} {
		_, err := ParseRelay(address, "")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", address, err, says)
		}
	}
}
