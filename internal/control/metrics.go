package control

import "net/http"

// Metrics shows what was counted.
type Metrics interface {
	// Text gives it as Prometheus reads it, in the text format 0.0.4.
	Text() ([]byte, error)
}

const mediaMetrics = "text/plain; version=0.0.4; charset=utf-8"

func (c *Control) getMetrics(*request) (reply, error) {
	text, err := c.Metrics.Text()
	return reply{status: http.StatusOK, media: mediaMetrics, raw: text}, err
}
