package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/mockbank/mockbank/internal/store"
)

// Config says what a sender works with.
type Config struct {
	Store    *store.Store
	Log      *slog.Logger
	Channels Channels
	Inbox    *Inbox
	Version  string         // of mockbank, for the User-Agent
	Roots    *x509.CertPool // whose certificates receivers may have; nil: those that the system trusts
	Resolver *net.Resolver  // nil: the system's
	Relay    Relay          // takes mail; nil: what is kept of it is all that comes of it
}

// Sender makes attempts.
type Sender struct {
	cfg           Config
	usual, unsure *http.Transport // unsure takes any certificate
}

// defaultTimeout is the longest that an attempt takes when its channel does not say.
const defaultTimeout = 15 * time.Second

// New makes a sender.
func New(cfg Config) *Sender {
	return &Sender{cfg: cfg, usual: newTransport(cfg, false), unsure: newTransport(cfg, true)}
}

// Close lets go of idle connections.
func (s *Sender) Close() {
	s.usual.CloseIdleConnections()
	s.unsure.CloseIdleConnections()
}

// try is one attempt.
type try struct {
	delivery *Delivery
	number   int
	channel  *Channel
	insecure bool
	headers  func() (http.Header, error) // nil: only our own

	sent http.Header
	took Span // of a receiver outside; what stays in the process takes no time, and is the same on every run
}

// Send makes the attempt that a job stands for and records what came of it. stuck tells that the receiver did
// not answer in time. An error means that no outcome was recorded and the job is as it was: the store refused,
// or ctx ended first.
func (s *Sender) Send(ctx context.Context, workspace string, job *store.Job) (stuck bool, err error) {
	var t *try
	err = s.cfg.Store.Update(ctx, workspace, func(tx *store.Tx) (err error) {
		t, err = s.mark(tx, job)
		return err
	})
	if err != nil || t == nil {
		return false, err
	}
	res := s.make(ctx, workspace, t)
	if ctx.Err() != nil {
		return false, fmt.Errorf("webhook: delivery %d of %s was cut off: %w", job.Delivery, workspace, context.Cause(ctx))
	}
	failure := t.judge(res)
	err = s.cfg.Store.Update(ctx, workspace, func(tx *store.Tx) error { return s.settle(tx, job, t, res, failure) })
	return failure != nil && failure.Class == ClassTimeout, err
}

// mark records that an attempt begins. It gives nil for a job that is stale.
func (s *Sender) mark(tx *store.Tx, job *store.Job) (*try, error) {
	if tx.Workspace().World != job.World {
		return nil, nil
	}
	d, err := Get(tx, job.Delivery)
	if err != nil {
		return nil, err
	}
	if there, err := tx.HasJob(job); err != nil || !there {
		return nil, err
	}
	if d == nil || d.Turn != job.Visit || !d.State.open() {
		tx.DropJob(job)
		return nil, nil
	}
	if over, err := d.atGone(tx); err != nil || over {
		tx.DropJob(job)
		return nil, errors.Join(err, d.finish(tx, Gone))
	}
	return s.begin(tx, d)
}

// atGone tells whether the delivery's endpoint is gone; a replay asks again.
func (d *Delivery) atGone(tx *store.Tx) (bool, error) {
	if d.Replays > 0 {
		return false, nil
	}
	return endpoints.Get(tx, targetKey(d.Target), new(gone))
}

// begin stores the attempt, and reads what it needs from the state.
func (s *Sender) begin(tx *store.Tx, d *Delivery) (*try, error) {
	if err := d.closeInterrupted(tx); err != nil {
		return nil, err
	}
	d.Attempts++
	if err := (&Attempt{Number: d.Attempts, At: tx.Now()}).save(tx, d.Sequence); err != nil {
		return nil, err
	}
	t := &try{delivery: d, number: d.Attempts, channel: s.cfg.Channels.Find(d.Provider, d.Channel), insecure: d.InsecureTLS || tx.Workspace().WebhookInsecureTLS}
	if t.channel == nil {
		t.channel = &Channel{}
		t.headers = func() (http.Header, error) {
			return nil, fmt.Errorf("webhook: there is no channel %s of %s any more", d.Channel, d.Provider)
		}
	}
	if t.channel.Prepare != nil {
		t.headers = s.prepare(tx, t)
	}
	return t, d.save(tx)
}

// closeInterrupted says of the attempt before, if it has no end, that it will have none.
func (d *Delivery) closeInterrupted(tx *store.Tx) error {
	if d.Attempts == 0 {
		return nil
	}
	var last Attempt
	found, err := attempts.Get(tx, store.Key(nil).Number(d.Sequence).Number(uint64(d.Attempts)), &last)
	if err != nil || !found || !last.Ended.IsZero() {
		return err
	}
	last.Ended = tx.Now()
	last.Failure = &Failure{ClassInterrupted, "mockbank ended before the receiver's answer was recorded; the delivery was sent again"}
	return last.save(tx, d.Sequence)
}

// prepare calls the channel; what fails in it, or panics, fails the attempt.
func (s *Sender) prepare(tx *store.Tx, t *try) (headers func() (http.Header, error)) {
	var err error
	func() {
		defer recovered(&err)
		spoil := Spoil{BadSignature: t.delivery.Mishap.BadSignature, UnknownKid: t.delivery.Mishap.UnknownKid}
		headers, err = t.channel.Prepare(tx, t.delivery, spoil)
	}()
	if err != nil {
		return func() (http.Header, error) { return nil, err }
	}
	return headers
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("webhook: panic in a channel: %v\n%s", p, debug.Stack())
	}
}

// make sends; no transaction is open.
func (s *Sender) make(ctx context.Context, workspace string, t *try) result {
	ctx, cancel := context.WithTimeout(ctx, t.timeout())
	defer cancel()
	header, err := s.header(t)
	if err != nil {
		s.cfg.Log.Error("webhook: an attempt could not be made", "workspace", workspace, "delivery", t.delivery.Sequence, "error", err)
		return result{err: &Failure{ClassInternal, "mockbank could not make the request; its log tells why"}}
	}
	t.sent = header
	if address, ok := mailAddress(t.delivery.Target); ok {
		return s.mail(ctx, t, address)
	}
	u, err := url.Parse(t.delivery.Target)
	if flaw := flawOf(t.delivery.Target); err != nil || flaw != "" {
		return result{err: &Failure{ClassURL, "The webhook URL " + flaw}}
	}
	if inbox, name, ok := inboxOf(u); ok && u.Hostname() == InboxHost {
		return s.cfg.Inbox.deliver(ctx, Incoming{Workspace: inbox, Name: name, From: workspace, Header: header, Body: t.delivery.Body})
	}
	transport := s.usual
	if t.insecure {
		transport = s.unsure
	}
	return s.timed(t, func() result { return exchange(ctx, transport, t.delivery.Target, header, t.delivery.Body) })
}

// timed takes the wall time of what goes out of the process.
func (s *Sender) timed(t *try, send func() result) result {
	begun := s.cfg.Store.Wall()
	res := send()
	t.took = Span(s.cfg.Store.Wall().Sub(begun))
	return res
}

func (t *try) timeout() time.Duration {
	if t.channel.Timeout > 0 {
		return t.channel.Timeout
	}
	return defaultTimeout
}

// header gives our own headers, with the channel's over them.
func (s *Sender) header(t *try) (h http.Header, err error) {
	h = http.Header{"User-Agent": {"mockbank/" + s.cfg.Version}}
	if t.delivery.ContentType != "" {
		h.Set("Content-Type", t.delivery.ContentType)
	}
	if t.headers == nil {
		return h, nil
	}
	defer recovered(&err)
	own, err := t.headers()
	for name, values := range own {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return h, err
}

// judge says why the attempt failed; nil: it did not.
func (t *try) judge(res result) (failure *Failure) {
	if res.err != nil {
		return classify(res.err, t.timeout())
	}
	if res.status >= 300 && res.status < 400 {
		return &Failure{ClassRedirect, fmt.Sprintf("The receiver answered with a redirect (%d), which is not followed", res.status)}
	}
	var err error
	accepted := res.status >= 200 && res.status < 300
	if t.channel.Accepted != nil {
		func() {
			defer recovered(&err)
			accepted = t.channel.Accepted(res.status, res.body)
		}()
	}
	switch {
	case err != nil:
		return &Failure{ClassInternal, "mockbank could not judge the answer"}
	case !accepted:
		return &Failure{ClassStatus, fmt.Sprintf("The receiver answered %d, which is not what the provider takes for success", res.status)}
	}
	return nil
}
