package provider

import (
	"fmt"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/store"
)

// groundRows marks that a provider's fixtures are there. It is of the world, so that a reset brings them back.
var groundRows = store.Bucket{Name: "fixtures"}

// ground sees to the entities that exist from the start, unless the transaction sees them already. They are
// supposed, not written: only a transaction that writes something else stores them, so that neither a look nor a
// refusal makes a workspace, and one that is rewound to before them supposes them again.
func (r *Runtime) ground(tx *store.Tx) error {
	key := store.Key{}.Text(r.ID)
	if laid, err := groundRows.Get(tx, key, new(bool)); err != nil || laid {
		return err
	}
	err := tx.Suppose(func() error {
		if err := groundRows.Put(tx, key, true); err != nil {
			return err
		}
		return r.lay(tx)
	})
	if err != nil {
		return &problem.Error{Kind: problem.Internal, Message: "Internal server error", Err: fmt.Errorf("provider: the fixtures of %s can not be made: %w", r.ID, err)}
	}
	return nil
}

func (r *Runtime) lay(tx *store.Tx) error {
	c := r.inside(tx, "fixture")
	c.session.Ground = true
	if err := r.Fixtures(c); err != nil {
		return err
	}
	return c.session.Flush()
}
