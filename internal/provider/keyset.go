package provider

import (
	"strings"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// SigningKey signs webhooks and tokens.
type SigningKey = keys.Key

// rotationRows holds the rotation of each key set that did not come about by the passing of time alone.
var rotationRows = store.Bucket{Name: "rotation", Kept: true}

// KeyState is a key set at one instant.
type KeyState struct {
	Purpose           string
	Rotation          keys.Rotation
	Current, Previous SigningKey
}

// keySet finds a provider's key set by its purpose.
func (r *Runtime) keySet(purpose string) (KeySet, error) {
	for _, set := range r.KeySets {
		if set.Purpose == purpose {
			return set, nil
		}
	}
	return KeySet{}, problem.Newf(problem.NotFound, "unknown_key_set", "%s has no key set %q", r.ID, purpose)
}

// Keys gives a key set as it is now. Rotations that were due since it was last stored are folded in, and so is
// a change of the algorithm, which rotates at once.
func (r *Runtime) Keys(tx *store.Tx, purpose string) (KeyState, error) {
	set, err := r.keySet(purpose)
	if err != nil {
		return KeyState{}, err
	}
	ws := tx.Workspace()
	alg, err := keys.ParseAlg(set.Alg(r.settings(ws)))
	if err != nil {
		return KeyState{}, err
	}
	rotation := keys.Begin(ws.Created, alg)
	if _, err := rotationRows.Get(tx, store.Key{}.Text(r.ID).Text(purpose), &rotation); err != nil {
		return KeyState{}, err
	}
	rotation = rotation.At(tx.Now(), set.Every)
	series := r.series(ws, set)
	state := KeyState{Purpose: purpose, Rotation: rotation}
	state.Current, state.Previous = series.Keys(rotation)
	return state, nil
}

func (r *Runtime) series(ws *store.Workspace, set KeySet) keys.Series {
	series := keys.Series{Seed: ws.Seed, Workspace: ws.Name, Provider: r.ID, Purpose: set.Purpose}
	if ws.IDsAs != "" && !set.Private {
		series.Workspace = ws.IDsAs
	}
	return series
}

// Rotate gives a key set a new key now, of the algorithm that the settings name.
func (r *Runtime) Rotate(tx *store.Tx, purpose string) (KeyState, error) {
	set, err := r.keySet(purpose)
	if err != nil {
		return KeyState{}, err
	}
	now, err := r.Keys(tx, purpose)
	if err != nil {
		return KeyState{}, err
	}
	alg, err := keys.ParseAlg(set.Alg(r.settings(tx.Workspace())))
	if err != nil {
		return KeyState{}, err
	}
	if err := r.keepRotation(tx, purpose, now.Rotation.Rotated(tx.Now(), alg)); err != nil {
		return KeyState{}, err
	}
	return r.Keys(tx, purpose)
}

func (r *Runtime) keepRotation(tx *store.Tx, purpose string, rotation keys.Rotation) error {
	return rotationRows.Put(tx, store.Key{}.Text(r.ID).Text(purpose), rotation)
}

// AdaptKeys rotates the key sets whose algorithm a change of settings made another. before are the key sets as
// they were under the old settings.
func (r *Runtime) AdaptKeys(tx *store.Tx, before []KeyState) error {
	for _, old := range before {
		set, err := r.keySet(old.Purpose)
		if err != nil {
			return err
		}
		alg, err := keys.ParseAlg(set.Alg(r.settings(tx.Workspace())))
		if err != nil {
			return err
		}
		if alg == old.Rotation.Alg {
			continue
		}
		if err := r.keepRotation(tx, old.Purpose, old.Rotation.Rotated(tx.Now(), alg)); err != nil {
			return err
		}
	}
	return nil
}

// AllKeys gives every key set of the provider.
func (r *Runtime) AllKeys(tx *store.Tx) ([]KeyState, error) {
	states := make([]KeyState, 0, len(r.KeySets))
	for _, set := range r.KeySets {
		state, err := r.Keys(tx, set.Purpose)
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	return states, nil
}

// SigningKey is the key of a set that signs now.
func (c *Call) SigningKey(purpose string) (SigningKey, error) {
	state, err := c.runtime.Keys(c.tx, purpose)
	return state.Current, err
}

// JWKS publishes a key set: the key that signs and the one before it (RFC 7517 section 5).
func (c *Call) JWKS(purpose string) (any, error) {
	state, err := c.runtime.Keys(c.tx, purpose)
	if err != nil {
		return nil, err
	}
	return keys.JWKS(state.Current, state.Previous), nil
}

// Sign prepares a compact JWS over the payload, byte for byte, by the key of a set that signs now. The returned
// function signs, and may be called outside of the transaction. What is to be spoilt has a signature that is
// wrong, or a good one by a key that is never published.
func (c *Call) Sign(purpose string, payload []byte, spoil Spoil) (sign func() (string, error), kid string, err error) {
	set, err := c.runtime.keySet(purpose)
	if err != nil {
		return nil, "", err
	}
	key, err := c.SigningKey(purpose)
	if err != nil {
		return nil, "", err
	}
	if spoil.UnknownKid {
		hidden := c.runtime.series(c.tx.Workspace(), set)
		hidden.Purpose += "/unpublished"
		key = hidden.Key(1, key.Alg())
	}
	return func() (string, error) {
		jws, err := keys.Sign(key, payload)
		if err == nil && spoil.BadSignature {
			jws = spoilt(jws)
		}
		return jws, err
	}, key.Kid(), nil
}

// spoilt changes the signature of a compact JWS, which stays well formed.
func spoilt(jws string) string {
	at := strings.LastIndexByte(jws, '.') + 1
	other := byte('A')
	if jws[at] == other {
		other = 'B'
	}
	return jws[:at] + string(other) + jws[at+1:]
}

var openLimits = keys.Limits{Header: 1 << 10, Payload: 1 << 20}

// Open reads a compact JWS as a receiver would: by the published key of the set that its kid names. Its
// refusals are problems that say what is wrong.
func (c *Call) Open(purpose, compact string) (payload []byte, kid string, err error) {
	state, err := c.runtime.Keys(c.tx, purpose)
	if err != nil {
		return nil, "", err
	}
	jws, err := keys.Parse(compact, openLimits)
	if err != nil {
		return nil, "", err
	}
	for _, key := range []SigningKey{state.Current, state.Previous} {
		if key.Kid() == jws.Kid() {
			return jws.Payload, jws.Kid(), jws.Verify(key.Public(), key.Alg())
		}
	}
	return nil, jws.Kid(), problem.New(problem.Unauthenticated, "", "the kid of the signature is not among the published keys")
}
