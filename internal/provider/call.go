package provider

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Principal is who calls, once a guard found out.
type Principal struct {
	Client   string         // the API client's id; empty while nobody is known
	Settings map[string]any // the client's settings, defaults filled in
	Scopes   []string       // of its token; nil for other credentials

	registered *oauth.Client
}

// Request is one request as the frame read it. It is a value: nothing in it changes but what guards set
// (Principal, Reply, IdempotencyKey) and what is decoded on first demand.
type Request struct {
	Operation *spec.Operation // nil for a page and for a timer
	Page      string          // the page's name; empty for an operation
	Enveloped string          // the operation whose envelope held the call; empty for a call by its own path
	Face      string          // the face's name; empty for a timer
	Method    string
	Path      string // below the face's mount
	Params    map[string]string
	Query     url.Values
	RawQuery  string
	Header    http.Header
	Base      string // the address of the face for links that people follow, without a final slash
	Called    string // the address of the face by which this request came, likewise
	Origin    string // scheme and host of Called
	Workspace string
	// Beside is the address of another face of the house, in the form in which this one was called; nil for a timer.
	Beside func(face string) string
	// Peer is the chain of certificates that the connection showed, the caller's own first, which it has proven to be its
	// own. Nobody has judged them: CheckPeer does. Empty where none was shown.
	Peer []*x509.Certificate

	Scenario string // asked for by name; empty where none was
	Serial   uint64 // the workspace's count of requests, for ids that no row stands for
	ID       string // what the provider calls this request; empty until its guards or its dialect chose
	Payload  Payload
	// IdempotencyKey is the client's own text of it, which expressions see as idempotency_key; empty where it
	// sent none. A guard or Idempotency.Key sets it.
	IdempotencyKey string

	Principal Principal
	Reply     http.Header // what guards add to the reply, a refusal too
}

// HasBody tells whether there is a body for the operation to take: one that must be there, or that came although
// it may be left out.
func (r *Request) HasBody() bool {
	if r.Operation == nil || len(r.Operation.BodyMedia) == 0 {
		return false
	}
	return r.Operation.BodyRequired || r.Payload.Media != "" || len(r.Payload.Raw) > 0 || r.Payload.TooLong || r.Payload.Refused != nil
}

// Call is one admitted request, or one due job, in one transaction.
type Call struct {
	*Request
	Context context.Context

	runtime *Runtime
	tx      *store.Tx
	session *engine.Session
	made    int              // how many ids were derived without a row
	touched *engine.Instance // what the reply is about
	created bool             // touched was made by this call
}

// Operations lists what the provider's document offers, in its order.
func (c *Call) Operations() []*Operation { return c.runtime.Spec.Operations() }

// Document is the provider's OpenAPI document, with the address at which it is served.
func (c *Call) Document(base string) []byte { return c.runtime.Spec.YAML(base) }

// Name is the operation's or the page's name; empty for a timer.
func (c *Call) Name() string {
	if c.Operation != nil {
		return c.Operation.Name
	}
	return c.Page
}

// Now is the instant of the transaction, in workspace time.
func (c *Call) Now() time.Time { return c.tx.Now() }

// Wall is the machine's time, for what clients stamp with clocks of their own.
func (c *Call) Wall() time.Time { return c.tx.Wall() }

// Base is the address of the face, for links in the reply.
func (c *Call) Base() string { return c.Request.Base }

// WebhookURL is the workspace's target of notifications that name none of their own; empty where it has none.
func (c *Call) WebhookURL() string { return c.tx.Workspace().WebhookURL }

// Bind decodes the body, as normalised, into a struct.
func (c *Call) Bind(into any) error { return c.Payload.bind(into) }

// Body is the decoded body, as normalised; nil where there is none.
func (c *Call) Body() any { return c.Payload.value }

// UUID makes an id that no row stands for, such as an error's.
func (c *Call) UUID(series string) string { return uuid(c.derive(series)) }

// Text makes a text of the alphabet that no row stands for.
func (c *Call) Text(series string, length int, alphabet string) string {
	return derivedText(c.derive(series), "", length, alphabet)
}

// Named gives the name of the one thing of a series: the same in every call of a workspace, for what is known before any
// row stands for it, such as a bank's customer.
func (c *Call) Named(series string) Name {
	return NameFrom(c.tx.Workspace().Derive(c.runtime.ID+"/"+series, 0))
}

// derive gives bytes that depend on the workspace, the request's number in it, and how many were asked for.
func (c *Call) derive(series string) [32]byte {
	c.made++
	return Derive(c.tx.Workspace(), c.runtime.ID+"/"+series, c.Serial, c.made)
}

// Derive gives the bytes for the n-th id of the workspace's serial-th request. In a workspace whose clock
// stands they are the same on every run.
func Derive(ws *store.Workspace, series string, serial uint64, n int) [32]byte {
	b := ws.Derive(series, serial)
	return sha256.Sum256(binary.BigEndian.AppendUint64(b[:], uint64(n)))
}

// derivedText draws characters without favour: a byte that would favour the first ones is thrown away.
func derivedText(seed [32]byte, purpose string, length int, alphabet string) string {
	out := make([]byte, 0, length)
	fair := 256 - 256%len(alphabet)
	for block := byte(0); len(out) < length; block++ {
		for _, b := range sha256.Sum256(append(append(seed[:len(seed):len(seed)], purpose...), block)) {
			if int(b) < fair && len(out) < length {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// touch notes what the reply is about: what the call made, else what it first asked for.
func (c *Call) touch(in *engine.Instance, made bool) {
	if c.touched == nil || (made && !c.created) {
		c.touched, c.created = in, made
	}
}

// About names the entity that the call is about, and its scenario; empty where there is none.
func (c *Call) About() (entity, scenario string) {
	if c.touched == nil {
		return "", ""
	}
	return c.touched.Kind + "/" + c.touched.ID, c.touched.Scenario
}

// Made tells whether the call made the entity that it is about.
func (c *Call) Made() bool { return c.touched != nil && c.created }

// Bearer is the token of the Authorization header. ok is false where the header is of another scheme or
// missing; a header that is there twice is a refusal.
func (c *Call) Bearer() (token string, ok bool, err error) {
	values := c.Header.Values("Authorization")
	if len(values) > 1 {
		return "", false, problem.New(problem.Unauthenticated, "", "There are two Authorization headers: send one").At("header:Authorization")
	}
	if len(values) == 0 {
		return "", false, nil
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer"), nil
}

// Payload is a request's body: read once, decoded once, and shared by guards, validator and handler.
type Payload struct {
	Raw     []byte
	TooLong bool
	Media   string // of Content-Type, lower case, without parameters; "" where there is none
	Refused error  // why Content-Type or Content-Encoding can not be taken; nil when they can

	decoded bool
	changed bool // by Normalise, so that Raw no longer says the same
	value   any
	err     error
}

// Decode reads the body on first demand, and gives the same answer ever after.
func (p *Payload) Decode() (any, error) {
	if !p.decoded {
		p.decoded = true
		p.value, p.err = decode(p.Media, p.Raw)
	}
	return p.value, p.err
}

// JSON gives the bytes of a body that decodes to its value as it stands.
func (p *Payload) JSON() (raw []byte, same bool) {
	return p.Raw, p.Media == mediaJSON && p.decoded && p.err == nil && !p.changed
}

// Normalise replaces the decoded value.
func (p *Payload) Normalise(v any) { p.value, p.changed = v, true }

func (p *Payload) bind(into any) error {
	raw := p.Raw
	if p.changed || p.Media != mediaJSON {
		var err error
		if raw, err = strictjson.Marshal(p.value); err != nil {
			return err
		}
	}
	return strictjson.Unmarshal(raw, into)
}
