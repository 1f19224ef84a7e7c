package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// Kept answers: one row finds the answer to a key, one finds those that are too old to be given.
var (
	answerRows      = store.Bucket{Name: "idempotency"}
	answerUntilRows = store.Bucket{Name: "idempotency-until"}
)

// keyed is the idempotency key of a request that has one.
type keyed struct {
	slot   store.Key // the row of its answer, whatever the key's length
	digest []byte    // of what a repeat has in common with the first
	world  uint32    // the one in which the handler ran
}

// keptAnswer is the first answer to a key.
type keptAnswer struct {
	Digest []byte              `json:"digest"`
	Until  time.Time           `json:"until"`
	Status int                 `json:"status"`
	Header map[string][][]byte `json:"header"` // in bytes, since what a client wrote there need not be UTF-8
	Media  string              `json:"media"`
	Body   []byte              `json:"body"`
}

// place is the row by which an answer is found when it is too old.
func (k *keptAnswer) place(slot store.Key) store.Key {
	return append(store.Key{}.Time(k.Until), slot...)
}

// recognise gives the first answer to a request that repeats another. Any other request with a key has that key
// to itself until release, so that what it does is done once.
func (x *exchange) recognise() (first *outgoing, err error) {
	if x.face.runtime.Idempotency == nil || x.request.Operation == nil || !x.route.handler.Writes() {
		return nil, nil
	}
	var key *keyed
	err = x.gateway.Store.View(x.http.Context(), x.request.Workspace, func(tx *store.Tx) (err error) {
		if key, err = x.keyOf(tx); err == nil {
			first, err = x.first(tx, key)
		}
		return err
	})
	if err != nil || first != nil || key == nil {
		return first, err
	}
	if !x.gateway.underway.take(x.request.Workspace, key.slot) {
		return nil, problem.New(problem.Conflict, "idempotency_key_in_use",
			"The first request with this idempotency key is not answered yet: wait for its answer, or repeat this request later").At(keyHeader)
	}
	x.key = key
	return nil, nil
}

func (x *exchange) release() {
	if x.key != nil {
		x.gateway.underway.leave(x.request.Workspace, x.key.slot)
	}
}

const keyHeader = "header:Idempotency-Key"

// keyOf asks the provider for the request's key; nil where it has none.
func (x *exchange) keyOf(tx *store.Tx) (*keyed, error) {
	r := x.face.runtime
	c := r.Call(x.http.Context(), tx, &x.request)
	key, err := r.Idempotency.Key(c)
	if err != nil || key == nil {
		return nil, err
	}
	body, err := strictjson.Marshal(c.Body())
	if err != nil {
		return nil, err
	}
	slot := sha256.Sum256(append(store.Key{}.Text(r.ID), key...))
	digest := sha256.Sum256(append(store.Key{}.Text(c.Method).Text(x.face.Mount+c.Path), body...))
	return &keyed{slot: slot[:], digest: digest[:]}, nil
}

// first gives the kept answer to a key; nil where there is none.
func (x *exchange) first(tx *store.Tx, key *keyed) (*outgoing, error) {
	if key == nil {
		return nil, nil
	}
	var kept keptAnswer
	found, err := answerRows.Get(tx, key.slot, &kept)
	switch {
	case err != nil || !found || tx.Now().After(kept.Until):
		return nil, err
	case !bytes.Equal(kept.Digest, key.digest):
		return nil, problem.New(problem.Conflict, "idempotency_key_reused",
			"This idempotency key came before with another path or another body: use a new key for each new request").At(keyHeader)
	}
	return &outgoing{status: kept.Status, header: x.again(&kept), body: kept.Body, media: kept.Media}, nil
}

// again makes the headers of a repeated answer.
func (x *exchange) again(kept *keptAnswer) http.Header {
	header := http.Header{}
	for name, values := range kept.Header {
		for _, value := range values {
			header[name] = append(header[name], string(value))
		}
	}
	for _, own := range []http.Header{x.request.Reply, x.face.runtime.Idempotency.Replayed} {
		for name, values := range own {
			header[name] = values
		}
	}
	return header
}

// keep stores the answer to the request's key, unless it is a refusal that the provider does not keep.
func (x *exchange) keep(tx *store.Tx, out outgoing) error {
	rules := x.face.runtime.Idempotency
	if out.cause != nil && !rules.KeepsRefusal(problem.From(out.cause)) {
		return nil
	}
	if err := store.Forget(tx, answerUntilRows, answerRows, tx.Now()); err != nil {
		return err
	}
	var old keptAnswer
	replaces, err := answerRows.Get(tx, x.key.slot, &old)
	if err != nil {
		return err
	}
	if replaces {
		answerUntilRows.Delete(tx, old.place(x.key.slot)) // Or it would take the new answer with it.
	}
	kept := keptAnswer{Digest: x.key.digest, Until: tx.Now().Add(rules.Life), Status: out.status, Header: headerBytes(out.header), Media: out.media, Body: out.body}
	if err := answerRows.Put(tx, x.key.slot, &kept); err != nil {
		return err
	}
	return answerUntilRows.Put(tx, kept.place(x.key.slot), true)
}

func headerBytes(header http.Header) map[string][][]byte {
	out := make(map[string][][]byte, len(header))
	for name, values := range header {
		for _, value := range values {
			out[name] = append(out[name], []byte(value))
		}
	}
	return out
}

// keepCompleted stores an answer that was completed after the commit, also when the client went away meanwhile.
// Where the world was reset meanwhile it tells of nothing that there is.
func (x *exchange) keepCompleted(out outgoing) error {
	if x.key == nil {
		return nil
	}
	ctx := context.WithoutCancel(x.http.Context())
	return x.gateway.Store.Update(ctx, x.request.Workspace, func(tx *store.Tx) error {
		if tx.Workspace().World != x.key.world {
			return nil
		}
		return x.keep(tx, out)
	})
}

// underway holds the idempotency keys of requests that are not answered yet.
type underway struct {
	mu   sync.Mutex
	keys map[string]bool
}

// take tells whether the key is now the caller's.
func (u *underway) take(workspace string, slot store.Key) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := workspace + "/" + string(slot)
	if u.keys[key] {
		return false
	}
	if u.keys == nil {
		u.keys = map[string]bool{}
	}
	u.keys[key] = true
	return true
}

func (u *underway) leave(workspace string, slot store.Key) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.keys, workspace+"/"+string(slot))
}
