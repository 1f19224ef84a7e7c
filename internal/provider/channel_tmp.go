package provider

import (
	"github.com/mockbank/mockbank/internal/engine"
	"github.com/mockbank/mockbank/internal/machine"
)

type Channel struct{ Name string }

func (r *Runtime) notify(owner any, in *engine.Instance, n machine.Notify, spoilt machine.DeliveryMishap) error {
	return nil
}
