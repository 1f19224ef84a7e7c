package finqlink

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// refusalBody is what every API error looks like.
type refusalBody struct {
	ErrorID   string `json:"error_id"`
	RequestID string `json:"request_id"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

// verdict is how the provider reports a kind of refusal.
type verdict struct {
	status int
	code   string
}

// verdicts by kind. 403, 409, 413, 415 and 422 are unknown to this provider.
var verdicts = map[problem.Kind]verdict{
	problem.Malformed:        {http.StatusBadRequest, "bad_request"},
	problem.TooLarge:         {http.StatusBadRequest, "bad_request"},
	problem.UnsupportedMedia: {http.StatusBadRequest, "bad_request"},
	problem.NotAcceptable:    {http.StatusBadRequest, "bad_request"},
	problem.Invalid:          {http.StatusBadRequest, "validation_error"},
	problem.Refused:          {http.StatusBadRequest, "invalid_input"},
	problem.Conflict:         {http.StatusBadRequest, "unprocessable_entity"},
	problem.Unauthenticated:  {http.StatusUnauthorized, "unauthorized"},
	problem.Forbidden:        {http.StatusUnauthorized, "unauthorized"},
	problem.NotFound:         {http.StatusNotFound, "not_found"},
	problem.NoRoute:          {http.StatusNotFound, "not_found"},
	problem.MethodNotAllowed: {http.StatusNotFound, "not_found"},
	problem.TooManyRequests:  {http.StatusTooManyRequests, "bad_request"},
}

var fault = verdict{http.StatusInternalServerError, "internal_server_error"}

// codes are all that the provider knows, by status.
var codes = map[int][]string{
	http.StatusBadRequest: {
		"bad_request", "validation_error", "invalid_input", "unprocessable_entity", "cooldown_failed",
		"consent_not_active", "link_expired", "method_selection_error", "method_input_validation_error",
	},
	http.StatusUnauthorized:        {"unauthorized"},
	http.StatusNotFound:            {"not_found", "consent_not_found", "job_not_found"},
	http.StatusTooManyRequests:     {"bad_request"},
	http.StatusInternalServerError: {"internal_error", "internal_server_error"},
}

// refusal says an error as the side of the provider does that was asked: its token endpoint, its pages, or its API.
func (f *finqlink) refusal(c *provider.Call, err error) provider.Reply {
	e := problem.From(err)
	switch {
	case c.Path == tokenPath:
		return tokenRefusal(e)
	case forPeople(c):
		return f.refusalPage(c, e)
	}
	v := judge(e)
	return provider.JSON(v.status, refusalBody{
		ErrorID: c.UUID("error"), RequestID: requestID(c), Code: v.code, Message: sentence(e),
	})
}

// judge finds status and code. A scenario's own win where the provider knows them.
func judge(e *problem.Error) verdict {
	v, ok := verdicts[e.Kind]
	if !ok {
		v = fault
	}
	if known := codes[e.Status]; known != nil {
		v = verdict{e.Status, known[0]}
	}
	if slices.Contains(codes[v.status], e.Code) {
		v.code = e.Code
	}
	return v
}

// sentence names the place before what is wrong with it.
func sentence(e *problem.Error) string {
	if e.Message == "" {
		return http.StatusText(judge(e).status)
	}
	if e.Kind != problem.Invalid || e.Pointer == "" {
		return e.Message
	}
	place := strings.ReplaceAll(strings.TrimPrefix(e.Pointer, "/"), "/", ".")
	return place + ": " + e.Message
}

// tokenRefusal speaks RFC 6749 section 5.2.
func tokenRefusal(e *problem.Error) provider.Reply {
	status, code := http.StatusBadRequest, oauth.InvalidRequest
	switch e.Kind {
	case problem.Unauthenticated:
		status = http.StatusUnauthorized
	case problem.MethodNotAllowed:
		status = http.StatusMethodNotAllowed
	case problem.TooManyRequests:
		status, code = http.StatusTooManyRequests, "temporarily_unavailable"
	case problem.Internal, problem.Timeout, problem.Unavailable, problem.StorageFull:
		status, code = http.StatusInternalServerError, "server_error"
	}
	if slices.Contains(tokenCodes, e.Code) {
		code = e.Code
	}
	return provider.Reply{
		Status: status, Header: http.Header{"Cache-Control": {"no-store"}},
		Body: oauth.Body{Error: code, Description: oauth.Plain(sentence(e))},
	}
}

var tokenCodes = []string{
	oauth.InvalidRequest, oauth.InvalidClient, oauth.InvalidScope, oauth.UnauthorizedClient, oauth.UnsupportedGrantType,
}
