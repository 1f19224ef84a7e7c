package payone

import (
	"net/http"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// screens are the templates of the pages.
type screens struct{}

func readScreens() (screens, error) { return screens{}, nil }

// pages are the routes that shoppers take.
func (p *payone) pages() []provider.Page { return nil }

// refusalPage says a refusal to a shopper.
func (p *payone) refusalPage(_ *provider.Call, e *problem.Error) provider.Reply {
	return provider.HTML(statusOf(e), []byte(http.StatusText(statusOf(e))))
}
