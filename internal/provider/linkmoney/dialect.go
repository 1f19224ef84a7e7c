package linkmoney

import (
	"net/http"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// refusalBody is what every API error looks like.
type refusalBody struct {
	ID       int    `json:"errorId"`
	Code     string `json:"errorCode"`
	Message  string `json:"errorMessage"`
	Severity string `json:"errorSeverity"`
}

// verdict is an error as the provider knows it.
type verdict struct {
	id     int
	code   string
	status int
}

var (
	invalidRequest    = verdict{10001, "INVALID_REQUEST", http.StatusBadRequest}
	notFound          = verdict{10002, "NOT_FOUND", http.StatusNotFound}
	fault             = verdict{10003, "INTERNAL_SERVER_ERROR", http.StatusInternalServerError}
	unauthorized      = verdict{10004, "UNAUTHORIZED", http.StatusUnauthorized}
	insufficientScope = verdict{10005, "INSUFFICIENT_SCOPE", http.StatusUnauthorized}
	invalidState      = verdict{10007, "INVALID_STATE", http.StatusBadRequest}
)

// verdicts by kind of refusal. 403, 405, 409, 413, 415 and 422 are unknown to this provider.
var verdicts = map[problem.Kind]verdict{
	problem.Malformed:        invalidRequest,
	problem.Invalid:          invalidRequest,
	problem.TooLarge:         invalidRequest,
	problem.UnsupportedMedia: invalidRequest,
	problem.NotAcceptable:    invalidRequest,
	problem.Refused:          invalidRequest,
	problem.Conflict:         invalidState,
	problem.Unauthenticated:  unauthorized,
	problem.Forbidden:        insufficientScope,
	problem.NotFound:         notFound,
	problem.NoRoute:          notFound,
	problem.MethodNotAllowed: notFound,
	problem.TooManyRequests:  {fault.id, fault.code, http.StatusTooManyRequests},
}

// named are the verdicts that a refusal asks for by their code, as a scenario may too.
var named = func() map[string]verdict {
	all := map[string]verdict{
		duplicateRequestKey: {10006, duplicateRequestKey, http.StatusBadRequest},
		redirectNotAllowed:  {10008, redirectNotAllowed, http.StatusBadRequest},
	}
	for _, v := range []verdict{invalidRequest, notFound, fault, unauthorized, insufficientScope, invalidState} {
		all[v.code] = v
	}
	return all
}()

// judge finds the verdict. A status that was ordered wins where the provider knows it.
func judge(e *problem.Error) verdict {
	v, ok := verdicts[e.Kind]
	if !ok {
		v = fault
	}
	for _, known := range []verdict{invalidRequest, unauthorized, notFound, verdicts[problem.TooManyRequests], fault} {
		if e.Status == known.status && v.status != e.Status {
			v = known
		}
	}
	if asked, ok := named[e.Code]; ok && (e.Status == 0 || e.Status == asked.status) {
		v = asked
	}
	return v
}

// supportMessage is what the provider says of its own faults.
const supportMessage = "Please reach out to Support"

// refusal says an error as the side of the provider does that was asked.
func refusal(c *provider.Call, err error) provider.Reply {
	e := problem.From(err)
	if c.Face == ID && c.Path == tokenPath {
		return tokenRefusal(c, e)
	}
	v := judge(e)
	message := sentence(e)
	if v.code == fault.code {
		message = supportMessage
	}
	return provider.JSON(v.status, refusalBody{ID: v.id, Code: v.code, Message: message, Severity: "ERROR"})
}

// sentence names the place before what is wrong with it.
func sentence(e *problem.Error) string {
	if e.Message == "" {
		return http.StatusText(judge(e).status)
	}
	if e.Kind != problem.Invalid || e.Pointer == "" {
		return e.Message
	}
	return strings.ReplaceAll(strings.TrimPrefix(e.Pointer, "/"), "/", ".") + ": " + e.Message
}

// rules finds what no schema can say: which amounts of an order go together.
func rules(op *provider.Operation, body any) []problem.Violation {
	members, _ := body.(map[string]any)
	order, _ := members["orderDetails"].(map[string]any)
	if op.Name != "createSessionV2" || order == nil || order["subtotalAmount"] != nil {
		return nil
	}
	for _, name := range []string{"discountAmount", "shippingAmount", "taxAmount"} {
		if order[name] != nil {
			return []problem.Violation{{
				Pointer: "/orderDetails/subtotalAmount", Rule: "required", Message: "is required when " + name + " is given",
			}}
		}
	}
	return nil
}
