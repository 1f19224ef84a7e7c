package link1

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/mockbank/mockbank/internal/oauth"
	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// The codes of the switch that code speaks of; codeTexts has all.
const (
	processed     = "00"
	limitExceeded = "01"
	inactive      = "03"
	duplicate     = "10"
	noTransaction = "21"
	unable        = "46"
	hostReject    = "59"
	noDestination = "63"
	badFormat     = "80"
	noCustomer    = "90"
	rejected      = "95"
)

var codeTexts = map[string]string{
	"00": "PROCESSED OK", "01": "LIMIT EXCEEDED", "02": "INVALID ACCOUNT", "03": "ACCOUNT INACTIVE", "10": "DUPLICATE TRANSACTION", "17": "UNKNOWN AUTH MODE",
	"21": "NO TRANSACTION ON ACCT", "26": "INTERNAL ERROR", "46": "UNABLE TO PROCESS", "55": "HOST LINK DOWN", "58": "TRANSACTION TIMEDOUT", "59": "HOST REJECT",
	"63": "DESTINATION NOT FOUND", "65": "CASH TRANSACTION NOT ALLOWED", "66": "NO TRANSACTION ALLOWED", "67": "INVALID ACCOUNT STATUS", "68": "INVALID TO ACCOUNT",
	"77": "REFER TO ISSUER", "80": "MESSAGE FORMAT ERROR", "90": "CUSTOMER NOT FOUND", "94": "PERMISSION DENIED", "95": "TRANSACTION REJECTED",
}

// codeText is what a code says; one that the table does not have, which a magic input can ask for, says so.
func codeText(code string) string { return cmp.Or(codeTexts[code], "UNKNOWN RESPONSE") }

// refused is a refusal of the switch.
func refused(code string) *problem.Error { return problem.New(problem.Refused, code, codeText(code)) }

type gatewayBody struct {
	HTTPCode    string `json:"httpCode"`
	HTTPMessage string `json:"httpMessage"`
	More        string `json:"moreInformation"`
}

type oauthBody struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// refusal says an error as the part of the provider does that meets it: the switch, the authorization server, the
// portal, or else the gateway.
func (l *link) refusal(c *provider.Call, err error) provider.Reply {
	e := problem.From(err)
	switch {
	case c.Face == portalFace:
		return l.refusalPortal(c, e)
	case c.Operation == nil && c.Page != "":
		return l.refusalPage(c, e)
	case c.Name() == "issueToken", oauthCode(e.Code):
		return refusalOfToken(e)
	}
	if code := switchCode(e); code != "" {
		return answerCode(c, code)
	}
	return refusalOfGateway(c, e)
}

func oauthCode(code string) bool { return code == oauth.InvalidToken || code == oauth.InvalidClient }

func refusalOfToken(e *problem.Error) provider.Reply {
	status, code := http.StatusBadRequest, e.Code
	switch e.Kind {
	case problem.Unauthenticated, problem.Internal, problem.Unavailable, problem.StorageFull, problem.TooManyRequests, problem.NoRoute, problem.MethodNotAllowed:
		status = cmp.Or(e.Status, statuses[e.Kind], http.StatusInternalServerError)
	}
	switch code {
	case oauth.InvalidClient, oauth.InvalidScope, oauth.UnsupportedGrantType, oauth.InvalidToken, oauth.UnauthorizedClient:
	default:
		code = oauth.InvalidRequest
	}
	return provider.Reply{
		Status: status, Header: http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}},
		Body: oauthBody{code, cmp.Or(oauth.Plain(e.Message), http.StatusText(status))},
	}
}

// switchCode is the code of a refusal by the switch; empty for one of the gateway.
func switchCode(e *problem.Error) string {
	switch {
	case len(e.Code) == 2 && strings.Trim(e.Code, digits) == "":
		return e.Code
	case e.Kind == problem.Invalid && e.Code != "unknown_scenario":
		return badFormat
	case e.Kind == problem.Refused, e.Kind == problem.Conflict:
		return rejected
	}
	return ""
}

var statuses = map[problem.Kind]int{
	problem.Malformed: http.StatusBadRequest, problem.Invalid: http.StatusBadRequest, problem.Unauthenticated: http.StatusUnauthorized,
	problem.Forbidden: http.StatusForbidden, problem.NotFound: http.StatusNotFound, problem.NoRoute: http.StatusNotFound,
	problem.MethodNotAllowed: http.StatusMethodNotAllowed, problem.NotAcceptable: http.StatusNotAcceptable, problem.TooLarge: http.StatusRequestEntityTooLarge,
	problem.UnsupportedMedia: http.StatusUnsupportedMediaType, problem.TooManyRequests: http.StatusTooManyRequests,
	problem.Unavailable: http.StatusServiceUnavailable, problem.StorageFull: http.StatusServiceUnavailable, problem.Timeout: http.StatusGatewayTimeout,
}

// texts are the provider's own words for some statuses.
var texts = map[problem.Kind]string{
	problem.NoRoute:          "No resources match requested URI",
	problem.MethodNotAllowed: "The method is not allowed for the requested URL",
	problem.Internal:         "Internal Server Error",
	problem.TooManyRequests:  "Rate Limit exceeded",
	problem.Unavailable:      "The API is offline",
}

func refusalOfGateway(c *provider.Call, e *problem.Error) provider.Reply {
	status := cmp.Or(e.Status, statuses[e.Kind], http.StatusInternalServerError)
	more := cmp.Or(texts[e.Kind], e.Message, http.StatusText(status))
	if e.Kind == problem.Malformed && !overSOAP(c) && c.HasBody() {
		more = "Invalid JSON in request body."
	}
	return provider.JSON(status, gatewayBody{strconv.Itoa(status), http.StatusText(status), more})
}

// refusalPage tells people.
func (l *link) refusalPage(c *provider.Call, e *problem.Error) provider.Reply {
	status := cmp.Or(e.Status, statuses[e.Kind], http.StatusInternalServerError)
	notice := pages.Notice{Tone: pages.Bad, Title: http.StatusText(status), Text: e.Message}
	shell := pages.Shell{Title: notice.Title, Brand: brand}
	page, err := l.notices.Render(shell, notice)
	if err != nil {
		return refusalOfGateway(c, problem.From(err))
	}
	reply := provider.HTML(status, page)
	reply.Header = shell.Header()
	return reply
}
