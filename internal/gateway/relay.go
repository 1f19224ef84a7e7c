package gateway

import (
	"bytes"
	"crypto/tls"
	"net/http"

	"github.com/mockbank/mockbank/internal/provider"
)

// relay sends a page's own request through the house, as if it had come in at the door, and builds the page from how
// it was answered. What the request may do, only its own credentials say: nothing of the page's visitor goes with it.
func (x *exchange) relay(order *provider.Relay) (outgoing, error) {
	ctx, address := x.http.Context(), x.reach(&x.address, order.Face)
	if ctx.Value(fixedFace{}) != nil { // The listener has one face, and it is the page's.
		ctx, address = WithFace(ctx, order.Face), origin(x.http)
	}
	r, err := http.NewRequestWithContext(ctx, order.Method, address+order.Path, bytes.NewReader(order.Body))
	if err != nil {
		return outgoing{}, err
	}
	if r.Header = order.Header.Clone(); r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(WorkspaceHeader, x.request.Workspace)
	r.RemoteAddr = x.http.RemoteAddr
	if x.http.TLS != nil {
		r.TLS = &tls.ConnectionState{} // The scheme is the same; the visitor's certificate stays with the visitor.
	}
	answer := x.gateway.receive(r)
	return x.rebuild(func(c *provider.Call) (provider.Reply, error) { return order.Then(c, answer) })
}

// receive serves a request and keeps the answer.
func (g *Gateway) receive(r *http.Request) (answer provider.Relayed) {
	kept := &keeper{header: http.Header{}}
	defer func() {
		answer = provider.Relayed{Status: kept.status, Header: kept.header, Body: kept.body.Bytes()}
		switch caught := recover(); caught {
		case nil:
		case http.ErrAbortHandler:
			answer.Cut = true // A mishap hung up.
		default:
			panic(caught)
		}
	}()
	g.ServeHTTP(kept, r)
	return answer
}

// keeper is the other end of a connection.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header { return k.header }

func (k *keeper) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *keeper) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(p)
}
