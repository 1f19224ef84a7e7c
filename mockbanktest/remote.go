package mockbanktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/control"
)

// call makes one request below the control API and gives the bytes of the answer. A refusal is its sentence.
func (s *Server) call(method string, segments []string, query url.Values, body any) ([]byte, error) {
	request, err := s.request(method, segments, query, body)
	if err != nil {
		return nil, err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("mockbank does not answer; was it closed? (%w)", err)
	}
	defer reply.Body.Close()
	data, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	if reply.StatusCode >= http.StatusMultipleChoices {
		return nil, refusal(reply.Status, data)
	}
	return data, nil
}

func (s *Server) request(method string, segments []string, query url.Values, body any) (*http.Request, error) {
	address := s.origin + control.Prefix
	for _, segment := range segments {
		address += "/" + url.PathEscape(segment)
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	content, err := encoded(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(context.Background(), method, address, bytes.NewReader(content))
	if err == nil && content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, err
}

// encoded is a body as JSON; what is JSON already is sent as it is, and nil is nothing.
func encoded(body any) ([]byte, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return body, nil
	}
	return json.Marshal(body)
}

// refusal is what a problem document says (RFC 9457), with the places that are at fault.
func refusal(status string, data []byte) error {
	var problem struct {
		Detail     string
		Violations []struct{ Pointer, Detail string }
	}
	if json.Unmarshal(data, &problem) != nil || problem.Detail == "" {
		return fmt.Errorf("mockbank answers %s: %s", status, data)
	}
	lines := []string{problem.Detail}
	for _, v := range problem.Violations {
		lines = append(lines, v.Pointer+": "+v.Detail)
	}
	return errors.New(strings.Join(lines, "\n  "))
}

// do calls the control API for a world, and fails its test where that is refused.
func (w *Workspace) do(method string, path []string, query url.Values, body any) []byte {
	w.tb.Helper()
	data, err := w.server.call(method, append([]string{"workspaces", w.name}, path...), query, body)
	if err != nil {
		w.tb.Fatalf("mockbank: %v", err)
	}
	return data
}

// ask is do for an answer that is a T.
func ask[T any](w *Workspace, method string, path []string, body any) T {
	w.tb.Helper()
	var reply T
	w.read(w.do(method, path, nil, body), &reply)
	return reply
}

func (w *Workspace) read(data []byte, reply any) {
	w.tb.Helper()
	if err := json.Unmarshal(data, reply); err != nil {
		w.tb.Fatalf("mockbank: the answer is not understood: %v: %s", err, data)
	}
}

// mostOnPage is the longest page that the control API gives.
const mostOnPage = 500

// list reads a list to its end, page by page.
func list[T any](w *Workspace, path []string, query url.Values) []T {
	w.tb.Helper()
	var all []T
	query.Set("limit", strconv.Itoa(mostOnPage))
	for {
		var page struct {
			Items []T
			Next  string
		}
		w.read(w.do(http.MethodGet, path, query, nil), &page)
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		query.Set("after", page.Next)
	}
}

// span is a length of time as the control API writes it, in whole milliseconds.
func span(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + "ms" }

func sortedNames[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
