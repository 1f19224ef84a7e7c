package control

import (
	"slices"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/keys"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/store"
)

// keySetView is a key set as it is shown: nothing private.
type keySetView struct {
	Purpose  string    `json:"purpose"`
	Alg      keys.Alg  `json:"alg"`
	Number   uint64    `json:"number"`
	Since    time.Time `json:"since"`
	Current  keys.JWK  `json:"current"`
	Previous keys.JWK  `json:"previous"`
}

func showKeys(state provider.KeyState) keySetView {
	return keySetView{
		Purpose: state.Purpose, Alg: state.Rotation.Alg, Number: state.Rotation.Number, Since: state.Rotation.Since,
		Current: state.Current.Public().JWK(), Previous: state.Previous.Public().JWK(),
	}
}

func (c *Control) listKeys(q *request) (reply, error) {
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return reply{}, err
	}
	var states []provider.KeyState
	err = c.view(q, func(tx *store.Tx) (err error) {
		states, err = r.AllKeys(tx)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return ok(keyPage(q, states))
}

func keyPage(q *request, states []provider.KeyState) page[keySetView] {
	var all []keySetView
	for _, state := range states {
		all = append(all, showKeys(state))
	}
	slices.SortFunc(all, func(a, b keySetView) int { return strings.Compare(a.Purpose, b.Purpose) })
	return cut(q, all, func(v keySetView) string { return v.Purpose })
}

func (c *Control) rotateKeys(q *request) (reply, error) {
	var wanted struct {
		Purpose string `json:"purpose"`
	}
	if err := q.bind(&wanted); err != nil {
		return reply{}, err
	}
	r, err := c.provider(q.params["provider"])
	if err != nil {
		return reply{}, err
	}
	purposes := []string{wanted.Purpose}
	if !q.has("purpose") {
		purposes = nil
		for _, set := range r.KeySets {
			purposes = append(purposes, set.Purpose)
		}
	}
	var states []provider.KeyState
	err = c.update(q, func(tx *store.Tx) error {
		for _, purpose := range purposes {
			state, err := r.Rotate(tx, purpose)
			if err != nil {
				return err
			}
			states = append(states, state)
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	return ok(keyPage(q, states))
}
