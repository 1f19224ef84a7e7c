// Package provider is the contract between the frame of the house and one emulated API.
//
// A provider is data: a Provider value that names its faces, guards, handlers, kinds, channels and pages. The
// frame owns the steps of a request and of a timer; a provider only fills in what is its own, so it can not
// forget a step that all share. Install joins that value to its spec and its scenario files and refuses what
// does not fit together.
//
// A Call is one admitted request, or one due job, in one transaction, and the only door to state. Handlers
// return a Reply and never write one.
package provider

import (
	"net/http"
	"time"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/spec"
	"github.com/mockbank/mockbank/internal/store"
)

// Provider is one emulated API. A nil member means that the frame's default holds.
type Provider struct {
	ID    string // as in paths, files and the control API
	Title string // as people call it
	Faces []Face // the first one is the API

	MaxBody   int64                             // of a request, in bytes; 0: 1 MiB
	Guards    func(op *Operation) []Guard       // in the order in which they are asked
	Normalise func(op *Operation, body any) any // the provider's leniency, before the schema sees the value; nil: as it is
	// Rules finds what no schema can say of a body as normalised; what it finds is told along with what the schema
	// finds. nil: nothing.
	Rules    func(op *Operation, body any) []problem.Violation
	Handlers map[string]Handler // by the spec's operation name
	Pages    []Page
	Kinds    []KindDef
	Channels []Channel
	Problem  func(c *Call, err error) Reply // the error dialect; it may choose any status

	Envelopes map[string]Envelope // by the name of the operation that takes them

	Idempotency *Idempotency // nil: every request is a new one

	Clients     []oauth.Client // that exist in every workspace until it changes them
	HashSecrets bool           // secrets of clients are kept as SHA-256 only
	KeyPairs    []string       // ids of those clients whose key pair mockbank makes
	Credentials []Credential   // what a newcomer needs to call it
	KeySets     []KeySet

	Certificates *Certificates // nil: what callers show on their connections is ignored
	Tokens       []TokenKind   // that it gives out

	// Fixtures makes the entities that exist in every workspace from the start: the same on every call, so with At
	// and without a look at the clock. They take the first sequence numbers of their kinds, follow the default
	// scenario unless a magic input chooses another, and nobody is notified of them. A workspace that nothing was
	// written to reads as if they were there; the first write stores them, and from then on their timers run.
	Fixtures func(*Call) error

	// Secrets are names of body members, form fields and headers that hold secrets which their names do not tell, in
	// the spec as on pages, and of members of entities: what shows requests and entities shows their values to nobody.
	// Package journal knows the usual names of requests.
	Secrets []string

	// AcceptAny has credentials that nobody registered make a client on the fly, for quick starts.
	AcceptAny bool
}

// Face is one side that a provider shows.
type Face struct {
	Name  string   // unique among all faces of all providers
	Mount string   // path prefix such as "/finqlink"
	Hosts []string // the provider's real host names
	Below string   // the path below which it is at those, such as "/uat-1link/sandbox"; it answers without it too
	CORS  []CORS   // what browsers of other origins may call; none by default
}

// CORS allows cross-origin calls of the paths that begin with Path.
type CORS struct {
	Path    string
	Methods string
	Headers string
}

// Credential is one line of what a newcomer needs, such as client_id and its value.
type Credential struct{ Name, Value string }

// KeySet is a set of signing keys that rotates.
type KeySet struct {
	Purpose string        // unique in the provider: "webhook", "token"
	Every   time.Duration // workspace time between two rotations
	// Private keys are never another workspace's, also where ids are borrowed: what they sign lets a caller in.
	Private bool
	// Alg names the algorithm by the workspace's settings.
	Alg func(settings map[string]any) string
}

// Handler serves one operation or page.
type Handler struct {
	fn    func(*Call) (Reply, error)
	write bool
}

// Read makes a handler that only reads; it takes no lock.
func Read(fn func(*Call) (Reply, error)) Handler { return Handler{fn: fn} }

// Write makes a handler that has its workspace to itself. An error takes back all that it wrote.
func Write(fn func(*Call) (Reply, error)) Handler { return Handler{fn: fn, write: true} }

// Writes tells a Write handler from a Read one.
func (h Handler) Writes() bool { return h.write }

// Guard is one check before a request is let in. It may read the store, set the call's Principal and add
// reply headers; its error is the refusal.
type Guard struct {
	Name  string
	Check func(*Call) error
}

// Page is one route of the hosted pages. It goes the same way as an operation, but for spec and leniency.
type Page struct {
	Name    string // "page.web": how the history, the journal and scenarios speak of it
	Face    string // empty: the first face
	Method  string
	Path    string // with :parameters, below the face's mount
	Handler Handler
}

// Reply is what a handler answers, as a value.
type Reply struct {
	Status int // 0: 200
	Header http.Header
	// Body is encoded as the operation's reply media says, after it was checked against the spec.
	Body any
	// Raw is sent as it is, with its Content-Type; it goes instead of Body.
	Raw *Raw
	// Secret keeps the body out of the journal: it holds what is shown once, and in no form that tells where.
	Secret bool
	// Later, when set, makes the Body after the commit, outside of the transaction: for work that is too slow
	// to hold the workspace's lock for, such as an RSA signature.
	Later func() (any, error)
	// Relay, when set, has the frame commit, send a request through the house, and then build the reply anew.
	Relay *Relay
	// Await, when set, has the frame commit, wait outside of any transaction, and then build the reply anew.
	Await *Await
}

// Raw is a body in bytes: a page, an image.
type Raw struct {
	Media string
	Bytes []byte
}

// Await is a wait in workspace time. It ends when Until is true, when For has passed on the workspace's clock,
// or after a minute of wall time in a workspace whose clock stands.
type Await struct {
	For   time.Duration
	Until func(*Call) (bool, error)  // asked after each change of the workspace; nil: never
	Then  func(*Call) (Reply, error) // builds the reply, reading only
}

// Relay is a request that a page has the house send to itself, as a caller of a face would: it goes the whole way of
// that face's requests, counts as one, and is remembered as one. Nothing of the caller of the page goes with it.
type Relay struct {
	Face         string
	Method, Path string // the path is below the face's mount, and may have a query
	Header       http.Header
	Body         []byte
	Then         func(*Call, Relayed) (Reply, error) // builds the reply, reading only
}

// Relayed is how a Relay was answered.
type Relayed struct {
	Status int // 0: the connection was closed without an answer
	Header http.Header
	Body   []byte
	Cut    bool // the connection was closed before the answer's end
}

// JSON is a reply with a status and a body.
func JSON(status int, body any) Reply { return Reply{Status: status, Body: body} }

// HTML is a page.
func HTML(status int, page []byte) Reply {
	return Reply{Status: status, Raw: &Raw{Media: "text/html; charset=utf-8", Bytes: page}}
}

// SeeOther sends a browser to another address.
func SeeOther(url string) Reply {
	return Reply{Status: http.StatusSeeOther, Header: http.Header{"Location": {url}}}
}

// Operation is an operation of the provider's spec, Part what that says of a parameter or member. Key builds keys of indexes; Index is one of them; Range is a
// part of one.
type (
	Operation = spec.Operation
	Part      = spec.Part

	Key   = store.Key
	Index = store.Index
	Range = store.Range
)
