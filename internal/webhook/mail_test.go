package webhook

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/mockbank/mockbank/internal/mail"
	"github.com/mockbank/mockbank/internal/store"
)

// post is a mail server that keeps what it gets, or refuses it.
type post struct {
	mu      sync.Mutex
	refuses error
	got     []string // receivers and bytes, in turn
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &postSession{post: p}, nil }

type postSession struct {
	post *post
	to   []string
}

func (s *postSession) Mail(from string, _ *smtp.MailOptions) error {
	if from != "noreply@toy.example" {
		return errors.New("who is " + from)
	}
	return nil
}

func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *postSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	if s.post.refuses != nil {
		return s.post.refuses
	}
	s.post.got = append(s.post.got, strings.Join(s.to, ","), string(data))
	return err
}

func (*postSession) Reset()        {}
func (*postSession) Logout() error { return nil }

func (p *post) refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = err
}

// serve begins to take mail, and gives the address.
func (p *post) serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(p)
	server.Domain = "localhost"
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "smtp://" + listener.Addr().String()
}

func relayAt(t *testing.T, address string) Relay {
	t.Helper()
	relay, err := mail.ParseRelay(address, "")
	if err != nil {
		t.Fatal(err)
	}
	return relay
}

func letter(t *testing.T) []byte {
	t.Helper()
	data, err := mail.Letter{From: "Toy <noreply@toy.example>", To: []string{"ann@example.test"}, Subject: "Paid", Text: "Thanks.\n.\nToy", At: start}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestMailReachesAServerOnceItTakesIt(t *testing.T) {
	p := &post{refuses: &smtp.SMTPError{Code: 451, Message: "Come back later"}}
	w := newWorld(t, options{relay: relayAt(t, p.serve(t))})
	n := w.record(Delivery{Target: MailTo("ann@example.test"), ContentType: mail.Media, Body: letter(t)})[0]
	if first := w.made(n, 1)[0]; first.Status != 451 || first.Failure == nil || first.Failure.Class != ClassStatus || first.Excerpt != "Come back later" {
		t.Errorf("the first attempt: %+v", first)
	}
	p.refuse(nil)
	w.advance(time.Hour)
	w.reaches(n, Delivered)
	if len(p.got) != 2 || p.got[0] != "ann@example.test" || p.got[1] != string(letter(t)) {
		t.Errorf("the server has %q", p.got)
	}
}

func TestMailThatNoServerTakes(t *testing.T) {
	for name, c := range map[string]struct {
		address string
		class   Class
	}{
		"nobody listens": {"smtp://" + closedPort(t), ClassRefused},
		"no SMTP":        {"smtp://" + listen(t, func(_ context.Context, c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n") }), ClassNotSMTP},
		"hangs":          {"smtp://" + listen(t, hangs), ClassTimeout},
		"no TLS":         {"smtps://" + listen(t, plain), ClassTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{relay: relayAt(t, c.address)})
			n := w.record(Delivery{Target: MailTo("ann@example.test"), ContentType: mail.Media, Body: letter(t)})[0]
			if first := w.made(n, 1)[0]; first.Failure == nil || first.Failure.Class != c.class {
				t.Errorf("failed with %+v, want %s", first.Failure, c.class)
			}
		})
	}
}

func TestMailIsKeptWithoutAServer(t *testing.T) {
	w := newWorld(t, options{})
	n := w.record(Delivery{Target: MailTo("ann@example.test"), ContentType: mail.Media, Body: letter(t)}, Delivery{Target: inboxURL("in")})[0]
	w.reaches(n, Delivered)
	for to, want := range map[string]int{"": 1, "ann@example.test": 1, "bob@example.test": 0} {
		w.update(func(tx *store.Tx) error {
			found, _, err := Letters(tx, Filter{}, to, 0, 10)
			if len(found) != want || want == 1 && (found[0].Subject != "Paid" || found[0].Text != "Thanks.\n.\nToy") {
				t.Errorf("to %q: %+v", to, found)
			}
			return err
		})
	}
}
