package payone

import "github.com/mockbank/mockbank/internal/provider"

// screens are the templates of the pages.
type screens struct{}

func readScreens() (screens, error) { return screens{}, nil }

// pages are the routes that shoppers take.
func (p *payone) pages() []provider.Page { return nil }
