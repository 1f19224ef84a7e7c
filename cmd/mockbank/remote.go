package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/mockbank/mockbank/internal/control"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// remote is what every command has that talks to a running mockbank: where it is, and how to show its answers.
// Commands use the control API and nothing else.
type remote struct {
	Server       string `help:"Address of the mockbank." default:"http://127.0.0.1:6265" placeholder:"URL"`
	Workspace    string `help:"Workspace." short:"w" default:"default" placeholder:"NAME"`
	ControlToken string `help:"Token of the control API." placeholder:"TOKEN"`
	Output       string `help:"How results are shown: table or json." short:"o" enum:"table,json" default:"table"`
}

// inWorkspace puts the workspace before the segments of a path.
func (r *remote) inWorkspace(segments ...string) []string {
	return append([]string{"workspaces", r.Workspace}, segments...)
}

// verbatim is a body that is JSON already.
type verbatim []byte

// call makes one request below the control API. body is sent as JSON unless it is nil; the answer's bytes come
// back, or an error for people.
func (r *remote) call(ctx context.Context, method string, segments []string, query url.Values, body any) ([]byte, error) {
	request, err := r.request(ctx, method, segments, query, body)
	if err != nil {
		return nil, err
	}
	reply, err := r.send(request)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	return r.readAll(reply)
}

func (r *remote) send(request *http.Request) (*http.Response, error) {
	reply, err := http.DefaultClient.Do(request)
	if gone := request.Context().Err(); err != nil && gone != nil {
		return nil, gone
	}
	if err != nil {
		return nil, fmt.Errorf("no mockbank answers at %s: is it running, and is --server right? (%w)", r.Server, err)
	}
	return reply, nil
}

// readAll reads an answer to its end, or says what it refuses.
func (r *remote) readAll(reply *http.Response) ([]byte, error) {
	data, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer of %s broke off: %w", r.Server, err)
	}
	if reply.StatusCode >= http.StatusMultipleChoices {
		return nil, r.refused(reply, data)
	}
	return data, nil
}

func (r *remote) request(ctx context.Context, method string, segments []string, query url.Values, body any) (*http.Request, error) {
	address := strings.TrimSuffix(r.Server, "/") + control.Prefix
	for _, segment := range segments {
		address += "/" + url.PathEscape(segment)
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var content io.Reader = http.NoBody
	if body != nil {
		data, err := encoded(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return nil, fmt.Errorf("--server %q is no address such as http://127.0.0.1:6265: %w", r.Server, err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.ControlToken != "" {
		request.Header.Set("Authorization", "Bearer "+r.ControlToken)
	}
	return request, nil
}

func encoded(body any) ([]byte, error) {
	if data, ok := body.(verbatim); ok {
		return data, nil
	}
	return strictjson.Marshal(body)
}

// refused says what a problem document says (RFC 9457).
func (r *remote) refused(reply *http.Response, data []byte) error {
	var problem struct {
		Detail string `json:"detail"`
	}
	media, _, _ := mime.ParseMediaType(reply.Header.Get("Content-Type"))
	if media != "application/problem+json" || strictjson.Unmarshal(data, &problem) != nil {
		return fmt.Errorf("what answers at %s is no mockbank of this version: %s", r.Server, reply.Status)
	}
	if reply.StatusCode == http.StatusUnauthorized {
		return errors.New(problem.Detail + " Here: --control-token TOKEN, or the environment's MOCKBANK_CONTROL_TOKEN.")
	}
	return errors.New(problem.Detail)
}

// get reads one thing.
func (r *remote) get(ctx context.Context, segments ...string) ([]byte, error) {
	return r.call(ctx, http.MethodGet, segments, nil, nil)
}

// mostOnPage is the longest page that the control API gives.
const mostOnPage = 500

// list reads the first items of a list, page by page. more tells that there are others.
func (r *remote) list(ctx context.Context, limit int, query url.Values, segments ...string) (items []json.RawMessage, more bool, err error) {
	for {
		query.Set("limit", strconv.Itoa(max(1, min(limit-len(items), mostOnPage))))
		data, err := r.call(ctx, http.MethodGet, segments, query, nil)
		if err != nil {
			return nil, false, err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next"`
		}
		if err := strictjson.Unmarshal(data, &page); err != nil {
			return nil, false, err
		}
		items = append(items, page.Items...)
		if page.Next == "" || len(items) >= limit {
			return items, page.Next != "", nil
		}
		query.Set("after", page.Next)
	}
}

// filter makes a query of pairs; what is empty is left out.
func filter(pairs ...string) url.Values {
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return query
}

// show prints an answer: as it is, or as fn writes it of the decoded T.
func show[T any](t *terminal, r *remote, data []byte, fn func(w io.Writer, v T)) error {
	if r.Output == "json" {
		return printJSON(t.out, data)
	}
	var v T
	if err := strictjson.Unmarshal(data, &v); err != nil {
		return fmt.Errorf("the answer of %s is not understood; is it a mockbank of this version? (%w)", r.Server, err)
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 3, ' ', 0)
	fn(table, v)
	return table.Flush()
}

// showList prints items as a table with a line of titles, or as one JSON array.
func showList[T any](t *terminal, r *remote, items []json.RawMessage, more bool, titles string, row func(v T) string) error {
	if items == nil {
		items = []json.RawMessage{}
	}
	data, err := strictjson.Marshal(items)
	if err != nil {
		return err
	}
	if more {
		fmt.Fprintln(t.err, "There are more; --limit N shows more of them.")
	}
	return show(t, r, data, func(w io.Writer, all []T) {
		fmt.Fprintln(w, titles)
		for _, v := range all {
			fmt.Fprintln(w, row(v))
		}
	})
}

// columns joins the cells of a row.
func columns(cells ...any) string {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		if texts[i] = fmt.Sprint(cell); texts[i] == "" {
			texts[i] = "-"
		}
	}
	return strings.Join(texts, "\t")
}

func printJSON(w io.Writer, data []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, data, "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, pretty.String())
	return err
}
