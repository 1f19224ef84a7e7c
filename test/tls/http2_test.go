package tls

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	flood    = 10_000           // of everything that an attacker sends
	patience = 20 * time.Second // until the attacker is rid of
	soon     = time.Second      // for everybody else, meanwhile
)

// attacker speaks HTTP/2 frame by frame.
type attacker struct {
	*http2.Framer
	conn  *tls.Conn
	block bytes.Buffer
	table *hpack.Encoder
	heard chan outcome // once the connection is over, or patience is
}

// outcome is what an attacker was told.
type outcome struct {
	goAway  bool
	refused int // streams
	large   int // streams that were answered 431
	err     error
}

func attack(t *testing.T, h *house) *attacker {
	t.Helper()
	conn, err := tls.Dial("tcp", "127.0.0.1:"+h.port, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // whom it attacks is of no matter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // The server was first.
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	a := &attacker{Framer: http2.NewFramer(conn, conn), conn: conn, heard: make(chan outcome, 1)}
	a.table = hpack.NewEncoder(&a.block)
	_, err = io.WriteString(conn, http2.ClientPreface)
	if err := errors.Join(err, a.WriteSettings()); err != nil {
		t.Fatal(err)
	}
	go a.listen()
	return a
}

func (a *attacker) listen() {
	var o outcome
	names := hpack.NewDecoder(4096, nil)
	for o.err == nil {
		var frame http2.Frame
		frame, o.err = a.ReadFrame()
		switch f := frame.(type) {
		case *http2.GoAwayFrame:
			o.goAway = true
		case *http2.RSTStreamFrame:
			o.refused++
		case *http2.HeadersFrame:
			if fields, err := names.DecodeFull(f.HeaderBlockFragment()); err == nil && fields[0].Value == "431" {
				o.large++
			}
		}
	}
	a.heard <- o
}

// headers is the block of a request with more fields.
func (a *attacker) headers(method string, more ...hpack.HeaderField) []byte {
	a.block.Reset()
	for _, field := range append([]hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "localhost"}, {Name: ":path", Value: "/finqlink/v2/links/create"},
	}, more...) {
		_ = a.table.WriteField(field) // A buffer takes all.
	}
	return bytes.Clone(a.block.Bytes())
}

func (a *attacker) open(stream uint32, method string, ends bool) error {
	return a.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: a.headers(method), EndHeaders: true, EndStream: ends})
}

// attacks send until they are done or are hung up on. Most come to nothing in their own way, which the outcome shows. A
// machine may be quick enough to answer every frame of the others, so of those only other people's time counts.
var attacks = map[string]struct {
	send     func(*attacker) error
	harmless func(outcome) bool
}{
	"rapid reset":              {rapidReset, nil},
	"10,000 streams":           {openStreams, func(o outcome) bool { return o.goAway || o.refused > flood/2 }},
	"CONTINUATION flood":       {longHeaders, func(o outcome) bool { return o.goAway }},
	"empty CONTINUATION flood": {endlessHeaders, func(o outcome) bool { return o.goAway }},
	"HPACK bomb":               {bomb, func(o outcome) bool { return o.goAway || o.large == bombs }},
	"SETTINGS flood":           {func(a *attacker) error { return many(func(uint32) error { return a.WriteSettings() }) }, nil},
	"PING flood":               {func(a *attacker) error { return many(func(uint32) error { return a.WritePing(false, [8]byte{}) }) }, nil},
}

func rapidReset(a *attacker) error {
	return many(func(i uint32) error {
		return errors.Join(a.open(i, http.MethodGet, true), a.WriteRSTStream(i, http2.ErrCodeCancel))
	})
}

func openStreams(a *attacker) error {
	return many(func(i uint32) error { return a.open(i, http.MethodPost, false) })
}

func longHeaders(a *attacker) error {
	if err := a.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.headers(http.MethodGet)}); err != nil {
		return err
	}
	return many(func(i uint32) error {
		a.block.Reset()
		_ = a.table.WriteField(hpack.HeaderField{Name: fmt.Sprintf("x-%d", i), Value: strings.Repeat("y", 1000), Sensitive: true})
		return a.WriteContinuation(1, false, a.block.Bytes())
	})
}

func endlessHeaders(a *attacker) error {
	if err := a.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.headers(http.MethodGet)}); err != nil {
		return err
	}
	return many(func(uint32) error { return a.WriteContinuation(1, false, nil) })
}

const bombs = 50

// bomb has a field of four kilobytes learnt once and then names it by a byte each time: a block of 16 kB would unfold to
// 40 MB.
func bomb(a *attacker) error {
	fields := make([]hpack.HeaderField, 10_000)
	for i := range fields {
		fields[i] = hpack.HeaderField{Name: "x-bomb", Value: strings.Repeat("y", 3900)}
	}
	for i := range uint32(bombs) {
		block := a.headers(http.MethodGet, fields...)
		if err := a.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*i + 1, BlockFragment: block, EndHeaders: true, EndStream: true}); err != nil {
			return err
		}
	}
	return nil
}

// many does something with the numbers of streams that a client may open.
func many(do func(stream uint32) error) error {
	for i := range uint32(flood) {
		if err := do(2*i + 1); err != nil {
			return err
		}
	}
	return nil
}

// TestJ7 holds that whatever one connection says in HTTP/2, the process lives and serves others at once.
func TestJ7(t *testing.T) {
	h := startOf(t, plain)
	client := h.trusting(t, true)
	asked(t, client) // The first one of all has a spec read.
	for name, attempt := range attacks {
		t.Run(name, func(t *testing.T) {
			a := attack(t, h)
			sent := make(chan error, 1)
			go func() { sent <- attempt.send(a) }()
			worst := time.Duration(0)
			for over := false; !over; {
				select {
				case <-sent:
					over = true
				default:
				}
				worst = max(worst, asked(t, client))
			}
			_ = a.WritePing(false, [8]byte{1})
			_ = a.conn.CloseWrite()
			var o outcome
			select {
			case o = <-a.heard:
			case <-time.After(patience):
				t.Fatal("the connection is never over")
			}
			if attempt.harmless != nil && !attempt.harmless(o) {
				t.Errorf("nothing was done about it: %+v", o)
			}
			if worst > soon {
				t.Errorf("others waited for %s", worst)
			}
		})
	}
}

// asked is how long somebody else's request takes.
func asked(t *testing.T, client *http.Client) time.Duration {
	t.Helper()
	began := time.Now()
	reply, err := client.Get("https://localhost/_mockbank/v1/health")
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, reply.Body)
	_ = reply.Body.Close() // It was read to its end.
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("others are answered %s, %v", reply.Status, err)
	}
	return time.Since(began)
}
