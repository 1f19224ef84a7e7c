// Package providers is the one list of what mockbank stands in for. The program and package mockbanktest both
// serve all of it; no other room of the house knows more than the contract.
package providers

import (
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/link1"
	"github.com/mockbank/mockbank/internal/provider/linkmoney"
	"github.com/mockbank/mockbank/internal/provider/onelinkfintech"
	"github.com/mockbank/mockbank/internal/provider/payone"
)

// list has a line for each provider. A provider more is a line more.
var list = []func() (*provider.Provider, error){
	finqlink.New,
	link1.New,
	linkmoney.New,
	onelinkfintech.New,
	payone.New,
}

// All makes all providers anew: two servers in one process share none.
func All() ([]*provider.Provider, error) {
	all := make([]*provider.Provider, 0, len(list))
	for _, build := range list {
		p, err := build()
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}
