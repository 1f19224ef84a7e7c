package app

import (
	"github.com/mockbank/mockbank/internal/events"
	"github.com/mockbank/mockbank/internal/metrics"
)

// observer hands on what the store says: what is durable is counted, and told to those who listen.
type observer struct {
	*metrics.Metrics
	hub *events.Hub
}

func (o *observer) Told(workspace string, told []events.Event) {
	o.Metrics.Told(told)
	o.hub.Publish(workspace, told...)
}

func (o *observer) Removed(workspace string) { o.hub.End(workspace) }

// watch shows what is asked for when somebody looks.
func (a *App) watch() {
	a.metrics.Gauge("workspaces", "Stored workspaces.", func() int { return len(a.store.Names()) })
	a.metrics.Gauge("event_listeners", "Clients that follow the events of a workspace.", a.events.Listeners)
}
