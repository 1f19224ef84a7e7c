package onelinkfintech

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// refusalBody is what every error looks like. The provider's own sample has the broad class in code and the detail
// in type.
type refusalBody struct {
	Error struct {
		Code    string  `json:"code"`
		Message string  `json:"message"`
		Param   *string `json:"param"`
		Type    string  `json:"type"`
	} `json:"error"`
}

// verdict is how the provider reports a refusal. An empty message is that of the refusal itself.
type verdict struct {
	status                     int
	code, kind, message, param string
}

func bad(kind, message, param string) verdict {
	return verdict{http.StatusBadRequest, "invalid_request", kind, message, param}
}

func denied(kind string) verdict {
	return verdict{http.StatusUnauthorized, "unauthorized", kind, "Authentication failed", ""}
}

// verdicts by the code of a refusal. An empty param is the place that the refusal names.
var verdicts = map[string]verdict{
	"insufficient_funds":     bad("insufficient_funds", "Insufficient funds on the sending account", "amount"),
	"currency_mismatch":      bad("currency_mismatch", "The recipient takes payments in another currency", "currency"),
	"currency_not_supported": bad("currency_not_supported", "The platform has no settlement account in this currency", "currency"),
	"account_not_active":     bad("account_not_active", "The account is not active", ""),
	"same_account":           bad("same_account", "Sender and recipient are the same account", "recipient"),
	"idempotency_key_reused": bad("idempotency_key_reused", "The Idempotency-Key was used for another request", idempotencyHeader),
	"idempotency_key_in_use": bad("idempotency_key_in_use", "The first request with this Idempotency-Key is still running", idempotencyHeader),
	"unknown_scenario":       bad("invalid_parameter", "", ""),
	"bad_query":              bad("invalid_parameter", "Query is not well encoded", ""),

	"missing_api_key":     denied("missing_api_key"),
	"invalid_api_key":     denied("invalid_api_key"),
	"revoked_api_key":     denied("revoked_api_key"),
	"live_key_in_sandbox": denied("live_key_in_sandbox"),

	"insufficient_permissions": {http.StatusForbidden, "forbidden", "insufficient_permissions", "This API key may not perform this operation", ""},
	"resource_not_found":       {http.StatusNotFound, "not_found", "resource_not_found", "", ""},
	"too_many_requests":        {http.StatusTooManyRequests, "rate_limited", "too_many_requests", "Too many requests", ""},
	"internal_error":           {http.StatusInternalServerError, "server_error", "internal_error", "Internal server error", ""},
}

// frame are the refusals of the frame, which carry no code of this provider, by their kind. The statuses that this
// provider does not send are folded into those that it does.
var frame = map[problem.Kind]verdict{
	problem.Malformed:        bad("invalid_json", "Request body is not valid JSON", ""),
	problem.TooLarge:         bad("body_too_large", "Request body is too large", ""),
	problem.UnsupportedMedia: bad("invalid_content_type", "Content-Type must be application/json", ""),
	problem.NotAcceptable:    bad("invalid_parameter", "", ""),
	problem.Refused:          bad("invalid_parameter", "", ""),
	problem.Conflict:         bad("invalid_parameter", "", ""),
	problem.Unauthenticated:  denied("missing_api_key"),
	problem.Forbidden:        {http.StatusForbidden, "forbidden", "insufficient_permissions", "", ""},
	problem.NotFound:         {http.StatusNotFound, "not_found", "resource_not_found", "", ""},
	problem.NoRoute:          {http.StatusNotFound, "not_found", "route_not_found", "Unknown route", ""},
	problem.MethodNotAllowed: {http.StatusNotFound, "not_found", "route_not_found", "Unknown route", ""},
	problem.TooManyRequests:  {http.StatusTooManyRequests, "rate_limited", "too_many_requests", "", ""},
}

var fault = verdict{http.StatusInternalServerError, "server_error", "internal_error", "", ""}

// refusal says an error as the provider does.
func refusal(c *provider.Call, err error) provider.Reply {
	giveID(c)
	v := judge(problem.From(err))
	var body refusalBody
	body.Error.Code, body.Error.Type, body.Error.Message = v.code, v.kind, v.message
	if v.param != "" {
		body.Error.Param = &v.param
	}
	return provider.JSON(v.status, body)
}

func judge(e *problem.Error) verdict {
	if e.Kind == problem.Invalid || (e.Code == "invalid_parameter" && e.Pointer != "") {
		return judgeField(e)
	}
	v, ours := verdicts[e.Code]
	if !ours {
		v = framed(e)
	} else if v.param == "" {
		v.param = param(e.Pointer)
	}
	if e.Status != 0 {
		v.status = e.Status // A story may order one that the provider never sends.
	}
	v.message = cmp.Or(v.message, e.Message, http.StatusText(v.status))
	return v
}

// framed judges what carries no code of this provider. Its place is no field, and is not named.
func framed(e *problem.Error) verdict {
	if v, ok := frame[e.Kind]; ok {
		return v
	}
	return fault
}

// messages of fields that are not as they must be; of any other the name is said.
var messages = map[string]string{
	"":            "Request body must be a JSON object",
	"amount":      "Amount must be a positive integer",
	"currency":    "Currency must be a supported 3-letter ISO code",
	"owner.email": "Owner email must be a valid email address",
	"email":       "Email must be a valid email address",
	"limit":       "Limit must be between 1 and 100",
}

// judgeField reports the first broken field in the order of the spec; those that are not known come last.
func judgeField(e *problem.Error) verdict {
	broken := problem.Violation{Pointer: e.Pointer}
	if len(e.Violations) > 0 {
		known := slices.IndexFunc(e.Violations, func(v problem.Violation) bool { return v.Rule != unknownRule })
		broken = e.Violations[max(known, 0)]
	}
	name := param(broken.Pointer)
	switch broken.Rule {
	case "required":
		return bad("missing_parameter", spoken(name)+" is required", name)
	case unknownRule:
		return bad("unknown_parameter", "Unknown parameter: "+name, name)
	}
	message, ok := messages[name]
	if !ok {
		message = spoken(name) + " is invalid"
	}
	return bad("invalid_parameter", message, name)
}

const unknownRule = "additionalProperties"

var unescape = strings.NewReplacer("~1", "/", "~0", "~", "/", ".")

// param is the dotted name of a place: of a member of the body, of a parameter, of a header. What lies within
// metadata is named as a whole, since its names may have dots themselves.
func param(pointer string) string {
	if inside, body := strings.CutPrefix(pointer, "/"); body {
		if inside == "metadata" || strings.HasPrefix(inside, "metadata/") {
			return "metadata"
		}
		return unescape.Replace(inside)
	}
	_, name, _ := strings.Cut(pointer, ":")
	return name
}

// spoken writes the name of a field as a sentence begins: "Owner email".
func spoken(name string) string {
	if name == "iban" {
		return "IBAN"
	}
	name = strings.NewReplacer(".", " ", "_", " ").Replace(name)
	if name == "" {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
