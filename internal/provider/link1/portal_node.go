package link1

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mockbank/mockbank/internal/pages"
	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/soap"
)

// The APIs, as the OpenAPI document describes them: what is shown here is drawn from it.

func (l *link) nodePages() []provider.Page {
	const get, post = http.MethodGet, http.MethodPost
	const node = nodePath + "/:n"
	return []provider.Page{
		{Name: "page.node", Method: get, Path: node, Handler: provider.Read(l.open(ofAPI(openAPI)))},
		{Name: "page.node_openapi", Method: get, Path: node + "/openapi.yaml", Handler: provider.Read(l.open(ofAPI(downloadOpenAPI)))},
		{Name: "page.node_wsdl", Method: get, Path: node + "/service.wsdl", Handler: provider.Read(l.open(ofAPI(downloadWSDL)))},
		{Name: "page.try", Method: get, Path: node + "/try", Handler: provider.Read(l.seen(ofAPI(openTry)))},
		{Name: "page.tried", Method: post, Path: node + "/try", Handler: provider.Write(l.sent(ofAPI(try)))},
	}
}

func (a *api) path() string { return nodePath + "/" + strconv.Itoa(a.Node) }

func (v *visit) apiCard(a *api) card {
	c := card{Title: a.Title, URL: v.here(a.path()), Marks: []string{a.protocol()}}
	var said []string
	last := ""
	for _, op := range v.operationsOf(a) { // Forms of one operation follow each other.
		if op.Name != last {
			said = append(said, op.Summary)
		}
		last = op.Name
	}
	c.Text = strings.Join(said, ". ") + "."
	return c
}

func (a *api) protocol() string {
	if a.SOAP != "" {
		return "SOAP"
	}
	return "REST"
}

func ofAPI(do func(*visit, *api) (provider.Reply, error)) doing {
	return func(v *visit) (provider.Reply, error) {
		for i := range v.APIs {
			if strconv.Itoa(v.APIs[i].Node) == v.Params["n"] {
				return do(v, &v.APIs[i])
			}
		}
		return provider.Reply{}, problem.New(problem.NotFound, "", "There is no such API.")
	}
}

// callable is what can be called of an API: an operation of the document, or one of a SOAP service.
type callable struct {
	ID, Summary string
	Name        string // as plans know it
	Method      string
	Path        string // with {catalog}
	Media       string
	Action      string // of SOAP
	op          *provider.Operation
	service     *soap.Service // nil over REST
}

// operation is a callable as its page shows it.
type operation struct {
	callable
	Try    string
	Tables []block
	Open   bool
}

// operationsOf lists what can be called of an API, in the order of the document.
func (v *visit) operationsOf(a *api) (all []callable) {
	if a.SOAP != "" {
		return v.soapOperations(a)
	}
	for _, op := range v.Operations() {
		if slices.Contains(a.Operations, op.Name) {
			all = append(all, callable{ID: op.ID, Summary: op.Summary(), Name: op.Name, Method: op.Method, Path: op.Path, Media: op.BodyMedia[0], op: op})
		}
	}
	return all
}

func serviceOf(a *api) *soap.Service {
	if a.SOAP == "soapBill" {
		return billService
	}
	return ibftService
}

func (v *visit) soapOperations(a *api) (all []callable) {
	service := serviceOf(a)
	document := v.Operations()
	find := func(name string) *provider.Operation {
		i := slices.IndexFunc(document, func(op *provider.Operation) bool { return op.Name == name })
		return document[i]
	}
	endpoint := find(a.SOAP)
	for _, o := range service.Operations {
		name := strings.ToLower(o.Name[:1]) + o.Name[1:]
		op := find(name)
		all = append(all, callable{
			ID: o.Name, Summary: op.Summary(), Name: name, Method: endpoint.Method, Path: endpoint.Path, Media: soap.Media,
			Action: service.Action + o.Name, op: op, service: service,
		})
	}
	return all
}

func openAPI(v *visit, a *api) (provider.Reply, error) {
	documents := []pages.Link{{Label: "OpenAPI document", URL: v.here(a.path() + "/openapi.yaml")}}
	protocol := "REST only, with JSON in and out."
	switch {
	case a.SOAP != "":
		documents = append(documents, pages.Link{Label: "WSDL", URL: v.here(a.path() + "/service.wsdl")})
		protocol = "SOAP 1.1. The same operations are offered over REST, and act on the same accounts, limits and duplicates."
	case v.overSOAPToo(a):
		protocol = "REST, with JSON in and out. The same operations are offered over SOAP."
	}
	var shown []operation
	for i, c := range v.operationsOf(a) {
		shown = append(shown, v.describe(a, c, i == 0 && len(a.Operations) == 1))
	}
	return v.ok(view{
		Trail: v.toProduct(a), Title: a.Title, State: pages.Cell{Text: a.protocol(), Tone: plainTone}, Lead: protocol,
		Blocks: []block{
			{Title: "Operations", Table: v.operationTable(a)}, {Title: "In detail", Operations: shown},
			{Title: "Documents", Facts: []pages.Fact{{Name: "Address", Cell: code(v.gateway())}, {Name: "Access token", Cell: code(v.gateway() + "/oauth2/token")}}, Next: documents},
		},
	})
}

// gateway is where the APIs of the sandbox are called.
func (v *visit) gateway() string { return v.Beside(gatewayFace) + "/uat-1link/" + sandbox }

func (v *visit) overSOAPToo(a *api) bool {
	return slices.ContainsFunc(v.APIs, func(other api) bool {
		return other.SOAP != "" && slices.ContainsFunc(a.Operations, func(name string) bool { return slices.Contains(other.Operations, name) })
	})
}

// toProduct leads to the first product that has the API.
func (v *visit) toProduct(a *api) pages.Link {
	for i := range v.Products {
		if slices.Contains(v.Products[i].APIs, a.ID) {
			return pages.Link{Label: v.Products[i].Name, URL: v.here(v.Products[i].path())}
		}
	}
	return pages.Link{}
}

func (v *visit) operationTable(a *api) *pages.Table {
	table := &pages.Table{Caption: "Operations", Columns: []pages.Column{{Label: "Operation", Wraps: true}, {Label: "Method"}, {Label: "Path", Wraps: true}}}
	for _, c := range v.operationsOf(a) {
		table.Rows = append(table.Rows, []pages.Cell{{Text: c.Summary, URL: "#" + c.ID, Note: c.Action}, text(c.Method), code(belowCatalog(c.Path))})
	}
	return table
}

// belowCatalog is a path as people write it behind the address of a catalog.
func belowCatalog(path string) string { return strings.TrimPrefix(path, "/uat-1link/{catalog}") }

// describe is all that the document says of an operation.
func (v *visit) describe(a *api, c callable, open bool) operation {
	shown := operation{callable: c, Try: v.here(a.path() + "/try" + query("operation", c.ID)), Open: open}
	shown.Path = belowCatalog(c.Path)
	if parameters := v.parameters(c); len(parameters) > 0 {
		shown.Tables = append(shown.Tables, block{Title: "Headers", Table: parts("Headers", parameters)})
	}
	shown.Tables = append(shown.Tables, block{Title: "Body", Table: parts("Members of the body", c.op.Body(c.op.BodyMedia[0]))})
	if sample, err := v.sample(c); err == nil {
		shown.Tables = append(shown.Tables, block{Title: "Sample", Code: sample})
	}
	for _, answer := range c.op.Answers() {
		title := "Reply " + answer.Status
		if answer.Status == "default" {
			title = "Any other reply"
		}
		shown.Tables = append(shown.Tables, block{Title: title, Paragraphs: paragraphs(answer.Text), Table: parts(title, answer.Parts)})
	}
	shown.Tables = append(shown.Tables, block{Title: "Return codes of the gateway", Table: gatewayCodes()}, block{Title: "Return codes of the switch", Table: switchCodes()})
	return shown
}

// parameters are the headers of a call. What the check of the frame does not know, since the gateway checks it, is said
// here too.
func (v *visit) parameters(c callable) (all []provider.Part) {
	all = append(all, provider.Part{Name: "Authorization", Required: true, Form: "Bearer and an access token", Text: "Of the application."})
	for _, p := range c.op.Parameters() {
		if p.In == "header" {
			p.Required = p.Name == clientIDHeader || p.Name == clientSecretHeader && c.service != nil
			all = append(all, p)
		}
	}
	if c.Action != "" {
		all = append(all, provider.Part{Name: "SOAPAction", Required: true, Form: c.Action, Text: "Has to be that of the element in the envelope."})
	}
	return append(all, provider.Part{Name: "Content-Type", Required: true, Form: c.Media})
}

func parts(caption string, all []provider.Part) *pages.Table {
	table := &pages.Table{Caption: caption, Empty: "Nothing.", Columns: []pages.Column{{Label: "Name"}, {Label: "Needed"}, {Label: "Form", Wraps: true}, {Label: "Meaning", Wraps: true}}}
	for _, p := range all {
		needed, meaning := "no", p.Text
		if p.Required {
			needed = "yes"
		}
		if p.Example != "" {
			meaning = strings.TrimSpace(meaning + " Such as " + p.Example)
		}
		table.Rows = append(table.Rows, []pages.Cell{code(p.Name), text(needed), text(p.Form), text(meaning)})
	}
	return table
}

func gatewayCodes() *pages.Table {
	table := &pages.Table{Caption: "Return codes of the gateway", Columns: []pages.Column{{Label: "Status"}, {Label: "What it means", Wraps: true}}}
	for _, row := range [][2]string{
		{"200", "The call came through to the switch, whose code tells how it went."},
		{"400", "The body is no JSON, or the envelope can not be read (over SOAP the status is then 500)."},
		{"401", "The client ID or secret is missing or wrong, no plan of the application holds the operation, or the access token is missing, expired or revoked."},
		{"403", "Access to the plan is pending approval."},
		{"404, 405", "There is no such path, or it takes another method."},
		{"406", "The caller's Accept header takes nothing that is sent."},
		{"429", "The rate limit of the plan is used up."},
		{"503", "The API is offline."},
	} {
		table.Rows = append(table.Rows, []pages.Cell{code(row[0]), text(row[1])})
	}
	return table
}

func switchCodes() *pages.Table {
	table := &pages.Table{Caption: "Return codes of the switch", Columns: []pages.Column{{Label: "Code"}, {Label: "What it means", Wraps: true}}}
	for n := range 100 {
		code2 := strconv.Itoa(100 + n)[1:]
		if words := codeTexts[code2]; words != "" {
			table.Rows = append(table.Rows, []pages.Cell{code(code2), text(words)})
		}
	}
	return table
}

// sample is a body that can be sent, with what has to be of this moment.
func (v *visit) sample(c callable) (string, error) {
	members, _ := c.op.Sample(c.op.BodyMedia[0]).(map[string]any)
	v.freshen(members)
	if c.service != nil {
		envelope, err := c.service.Request(c.ID, members)
		return strings.ReplaceAll(string(envelope), "><", ">\n<"), err
	}
	return jsonText(members, names(c.op.Body(c.op.BodyMedia[0])), "")
}

// names are those of the members, outer and inner, in the order of the document.
func names(parts []provider.Part) []string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = p.Name
	}
	return all
}

// jsonText writes members in the order of the document; those of objects within are named behind a dot.
func jsonText(members map[string]any, order []string, within string) (string, error) {
	indent := strings.Repeat("  ", strings.Count(within, ".")+1)
	var lines []string
	for _, name := range order {
		own, ok := strings.CutPrefix(name, within)
		value, there := members[own]
		if !ok || !there {
			continue
		}
		text, err := jsonValue(value, order, name+".")
		if err != nil {
			return "", err
		}
		lines = append(lines, indent+strconv.Quote(own)+": "+text)
	}
	if len(lines) == 0 {
		return "{}", nil
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n" + indent[2:] + "}", nil
}

func jsonValue(value any, order []string, within string) (string, error) {
	if inner, ok := value.(map[string]any); ok {
		return jsonText(inner, order, within)
	}
	data, err := json.Marshal(value)
	return string(data), err
}

// freshen replaces what may be used once, or is past soon.
func (v *visit) freshen(members map[string]any) {
	for name, value := range members {
		if inner, ok := value.(map[string]any); ok {
			v.freshen(inner)
		} else if fresh := v.freshText(name); fresh != "" {
			members[name] = fresh
		}
	}
}

// freshText is what a member says now; empty for one that can say the same at any time.
func (v *visit) freshText(name string) string {
	now := v.Now().In(karachi)
	switch name {
	case "TransmissionDateAndTime":
		return now.Format("0102150405")
	case "Time":
		return now.Format("150405")
	case "Date":
		return now.Format("0102")
	case "executionDateTime":
		return now.Add(time.Hour).Format(time.RFC3339)
	case "expiryDateTime":
		return now.AddDate(0, 0, 1).Format(time.RFC3339)
	case "RRN", "rrn":
		return v.Text("sample", 12, digits)
	}
	return ""
}

func downloadOpenAPI(v *visit, _ *api) (provider.Reply, error) {
	return download("application/yaml", "1link.yaml", v.Document(v.Beside(gatewayFace)))
}

func downloadWSDL(v *visit, a *api) (provider.Reply, error) {
	if a.SOAP == "" {
		return provider.Reply{}, problem.New(problem.NotFound, "", "This API has no WSDL: it is offered over REST only.")
	}
	endpoint := v.operationsOf(a)[0].Path
	text, err := serviceOf(a).WSDL(v.gateway() + belowCatalog(endpoint))
	if err != nil {
		return provider.Reply{}, err
	}
	return download(soap.Media, a.ID+".wsdl", text)
}

func download(media, name string, data []byte) (provider.Reply, error) {
	return provider.Reply{
		Header: http.Header{"Content-Disposition": {`attachment; filename="` + name + `"`}}, Raw: &provider.Raw{Media: media, Bytes: data},
	}, nil
}
