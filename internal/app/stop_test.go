package app_test

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// TestAStopEndsWhoFollows: somebody who follows events would follow for ever, and a stop does not wait for that.
func TestAStopEndsWhoFollows(t *testing.T) {
	address, stop, ended := serve(t, toyConfig(t))
	defer stop()
	reply, err := http.Get("http://" + address + "/_mockbank/v1/workspaces/default/events")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	begun := time.Now()
	stop()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		t.Errorf("the stream was cut off: %v", err)
	}
	if err := <-ended; err != nil || time.Since(begun) > 3*time.Second {
		t.Errorf("ended after %s: %v", time.Since(begun), err)
	}
}
