package main

import (
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/provider/finqlink"
	"github.com/mockbank/mockbank/internal/provider/onelinkfintech"
	"github.com/mockbank/mockbank/internal/provider/payone"
)

// providers is the one list of what mockbank stands in for. A provider more is a line more.
var providers = []func() (*provider.Provider, error){
	finqlink.New,
	onelinkfintech.New,
	payone.New,
}

func allProviders() ([]*provider.Provider, error) {
	list := make([]*provider.Provider, 0, len(providers))
	for _, build := range providers {
		p, err := build()
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}
