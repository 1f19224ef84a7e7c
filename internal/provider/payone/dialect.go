package payone

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// refusalBody is the error body of Spring Boot.
type refusalBody struct {
	Timestamp string       `json:"timestamp"`
	Status    int          `json:"status"`
	Error     string       `json:"error"`
	Message   string       `json:"message"`
	Path      string       `json:"path"`
	Errors    []fieldError `json:"errors,omitzero"`
}

type fieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

const (
	apiPath   = "/api/"
	stampForm = "2006-01-02T15:04:05.000+00:00"
)

// statuses by kind of refusal.
var statuses = map[problem.Kind]int{
	problem.Malformed:        http.StatusBadRequest,
	problem.Invalid:          http.StatusBadRequest,
	problem.Refused:          http.StatusBadRequest,
	problem.NotAcceptable:    http.StatusBadRequest,
	problem.Unauthenticated:  http.StatusUnauthorized,
	problem.Forbidden:        http.StatusForbidden,
	problem.NotFound:         http.StatusNotFound,
	problem.NoRoute:          http.StatusNotFound,
	problem.MethodNotAllowed: http.StatusMethodNotAllowed,
	problem.Conflict:         http.StatusConflict,
	problem.TooLarge:         http.StatusRequestEntityTooLarge,
	problem.UnsupportedMedia: http.StatusUnsupportedMediaType,
	problem.TooManyRequests:  http.StatusTooManyRequests,
	problem.Timeout:          http.StatusServiceUnavailable,
	problem.Unavailable:      http.StatusServiceUnavailable,
	problem.StorageFull:      http.StatusServiceUnavailable,
}

// statusOf is the status of a refusal; a scenario's own wins.
func statusOf(e *problem.Error) int {
	status, ok := statuses[e.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	return cmp.Or(e.Status, status)
}

// refusal says an error as the side of the provider does that was asked.
func (p *payone) refusal(c *provider.Call, err error) provider.Reply {
	e := problem.From(err)
	if !strings.HasPrefix(c.Path, apiPath) {
		return p.refusalPage(c, e)
	}
	status := statusOf(e)
	body := refusalBody{
		Timestamp: c.Now().UTC().Format(stampForm), Status: status, Error: http.StatusText(status), Message: sentence(e, status), Path: c.Path,
	}
	if e.Kind == problem.Invalid {
		body.Errors = fieldErrors(e)
	}
	return provider.JSON(status, body)
}

// sentence is the provider's own, for what the provider has one; other refusals tell theirs.
func sentence(e *problem.Error, status int) string {
	switch {
	case e.Kind == problem.Invalid:
		return "Validation failed"
	case e.Code == "invalid_json" || e.Code == "empty_body":
		return "Malformed JSON"
	case e.Code == "not_unique":
		return "Reference already in use"
	case status == http.StatusTooManyRequests:
		return "Rate limit exceeded"
	case e.Message == "" || e.Status != 0 || e.Kind == problem.NoRoute || e.Kind == problem.MethodNotAllowed || status > http.StatusConflict:
		return http.StatusText(status)
	}
	return e.Message
}

// fieldErrors lists each broken field once, with the first of its broken rules, in the order of the schema.
func fieldErrors(e *problem.Error) []fieldError {
	broken := slices.Clone(e.Violations)
	if len(broken) == 0 {
		broken = []problem.Violation{{Pointer: e.Pointer, Rule: "pattern", Message: e.Message}}
	}
	slices.SortStableFunc(broken, bySchema)
	var told []fieldError
	for _, v := range broken {
		told = append(told, fieldError{Field: fieldOf(v.Pointer), Code: codeOf(v.Rule), Message: v.Message})
	}
	return slices.CompactFunc(told, func(a, b fieldError) bool { return a.Field == b.Field })
}

// codes by the keyword of the schema that is broken.
var codes = map[string]string{
	"required": "required", "type": "type", "enum": "enum", "nullable": "type", "repeated": "type",
	"pattern": "pattern", "format": "pattern",
	"minLength": "length", "maxLength": "length", "minItems": "length", "maxItems": "length",
	"minimum": "range", "maximum": "range", ruleTotal: ruleTotal, ruleImmutable: ruleImmutable,
}

func codeOf(rule string) string { return cmp.Or(codes[rule], "type") }

// fieldOf writes a place as Spring does: shoppingCart[0].price.
func fieldOf(pointer string) string {
	if name, ok := strings.CutPrefix(pointer, "query:"); ok {
		return name
	}
	var field strings.Builder
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if _, err := strconv.Atoi(part); err == nil {
			field.WriteString("[" + part + "]")
			continue
		}
		if field.Len() > 0 {
			field.WriteByte('.')
		}
		field.WriteString(part)
	}
	return field.String()
}

// written is the order of the members of a link and of those within, as the spec has them. No name stands in two
// places of which the order would differ.
var written = strings.Fields(`intent currency accountId merchantId portalId userId mode paymentMethods expiration
	description reference customerId shipping billing shoppingCart language logo backgroundImage active successUrl
	errorUrl backUrl notifyUrl email invoiceInformation
	firstName lastName company street addressAddition zip city state country
	invoiceId invoiceText`)

var writtenItem = strings.Fields("type number price quantity description vatRate deliveryDateStart deliveryDateEnd")

// bySchema orders the places of a body; those of a query stand as they were found.
func bySchema(a, b problem.Violation) int {
	if !strings.HasPrefix(a.Pointer, "/") || !strings.HasPrefix(b.Pointer, "/") {
		return 0
	}
	return slices.Compare(ranks(a.Pointer), ranks(b.Pointer))
}

func ranks(pointer string) []int {
	var ranks []int
	names := written
	for part := range strings.SplitSeq(pointer[1:], "/") {
		rank, err := strconv.Atoi(part)
		if err != nil {
			rank = slices.Index(names, part)
		} else {
			names = writtenItem
		}
		ranks = append(ranks, rank)
	}
	return ranks
}

// unixText writes an instant as TransactionStatus does.
func unixText(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
