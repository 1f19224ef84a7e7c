package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// control is where the control API has the default workspace.
const control = "/_mockbank/v1/workspaces/default"

// call sends JSON to a path of the process, and reads the JSON of its answer into reply unless that is nil.
func (p *process) call(ctx context.Context, method, path string, body, reply any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(sent))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s answered %s: %s", method, path, answer.Status, text)
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(text, reply)
}

// tell chooses the story of the links to come.
func (p *process) tell(ctx context.Context, scenario string) error {
	return p.call(ctx, http.MethodPut, control+"/scenarios/finqlink/link", map[string]string{"scenario": scenario}, nil)
}
