package housetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 30 * time.Second}

// Call sends JSON to a path of the program and reads the JSON of its answer into reply, unless that is nil. An
// answer that is no success is an error with all of its text.
func (h *House) Call(ctx context.Context, method, path string, body, reply any) error {
	var sent io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, h.Base+path, sent)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s answers %s: %s", method, path, answer.Status, text)
	}
	if reply == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, reply)
}
