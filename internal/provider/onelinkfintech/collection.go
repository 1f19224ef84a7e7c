package onelinkfintech

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
)

// Origin is what all that a platform makes has in common. Number is its place among all of its kind: the later the
// higher.
type Origin struct {
	Platform int               `json:"platform"`
	Number   uint64            `json:"number"`
	Metadata map[string]string `json:"metadata,omitzero"`
}

func (o *Origin) origin() *Origin { return o }

// collection is one sort of thing that a platform makes, reads and lists. D is a pointer to its data.
type collection[T any, D interface {
	*T
	origin() *Origin
}] struct {
	kind    provider.Kind[T]
	object  string                                          // as it is called in replies: "account"
	filters []string                                        // parameters of a list
	values  func(e *provider.Entity[T]) []string            // what the filters compare
	view    func(e *provider.Entity[T], shown metadata) any // the object of replies
}

// metadata is what a reply shows of it; nil shows none.
type metadata map[string]string

func (s collection[T, D]) path() string { return "/v1/" + s.object + "s" }

// find finds an object of the caller's platform; nil where it has none of that id.
func (s collection[T, D]) find(c *provider.Call, id string) (*provider.Entity[T], error) {
	e, err := s.kind.Get(c, id)
	if err != nil || e == nil || D(e.Data).origin().Platform != platform(c) {
		return nil, err
	}
	return e, nil
}

// get answers one object.
func (s collection[T, D]) get(c *provider.Call) (provider.Reply, error) {
	e, err := s.find(c, c.Params["id"])
	if err == nil && e == nil {
		err = unknown(s.object, c.Params["id"], "path:id")
	}
	if err != nil {
		return provider.Reply{}, err
	}
	return provider.Reply{Body: s.show(c, e)}, nil
}

// unknown is the refusal of an id that the caller's platform does not have.
func unknown(object, id, place string) error {
	return problem.Newf(problem.NotFound, "resource_not_found", "No such %s: '%s'", object, id).At(place)
}

// created answers a new object.
func (s collection[T, D]) created(e *provider.Entity[T]) provider.Reply {
	return provider.Reply{
		Status: http.StatusCreated, Body: s.view(e, nil),
		Header: http.Header{"Location": {s.path() + "/" + e.ID()}},
	}
}

// show is an object with what the request asks to see besides.
func (s collection[T, D]) show(c *provider.Call, e *provider.Entity[T]) any {
	if c.Query.Get("expand") == "" {
		return s.view(e, nil)
	}
	shown := metadata(D(e.Data).origin().Metadata)
	if shown == nil {
		shown = metadata{}
	}
	return s.view(e, shown)
}

const byPlace = "list"

// places are the keys of an object in all lists of its platform: under each choice of filters, newest first.
func (s collection[T, D]) places(e *provider.Entity[T]) []provider.Index {
	origin, values := D(e.Data).origin(), s.values(e)
	all := make([]provider.Index, 0, 1<<len(values))
	for choice := range 1 << len(values) {
		wanted := slices.Clone(values)
		for i := range wanted {
			if choice>>i&1 == 0 {
				wanted[i] = ""
			}
		}
		all = append(all, provider.Index{Name: byPlace, Key: listed(origin.Platform, wanted).Number(^origin.Number)})
	}
	return all
}

// listed begins the keys of one list. An empty value stands for a filter that is not used.
func listed(platform int, values []string) provider.Key {
	key := provider.Key{}.Number(uint64(platform))
	for _, value := range values {
		key = key.Text(value)
	}
	return key
}

type listReply struct {
	Object string `json:"object"`
	URL    string `json:"url"`
	More   bool   `json:"has_more"`
	Data   []any  `json:"data"`
}

const defaultPage = 10

// list answers one page. It reads one object more than the page holds, to know whether there are more.
func (s collection[T, D]) list(c *provider.Call) (provider.Reply, error) {
	limit := defaultPage
	if text := c.Query.Get("limit"); text != "" {
		limit, _ = strconv.Atoi(text) // The spec has seen it.
	}
	part, err := s.part(c)
	if err != nil {
		return provider.Reply{}, err
	}
	reply := listReply{Object: "list", URL: s.path(), Data: []any{}}
	err = s.kind.List(c, byPlace, part, func(e *provider.Entity[T]) (bool, error) {
		if reply.More = len(reply.Data) == limit; reply.More {
			return false, nil
		}
		reply.Data = append(reply.Data, s.show(c, e))
		return true, nil
	})
	if part.Reverse {
		slices.Reverse(reply.Data)
	}
	return provider.Reply{Body: reply}, err
}

// part is the part of the index that holds what the query asks for. Before a cursor the page is the nearest to it,
// so it is read backwards.
func (s collection[T, D]) part(c *provider.Call) (part provider.Range, err error) {
	values := make([]string, len(s.filters))
	for i, filter := range s.filters {
		values[i] = c.Query.Get(filter)
	}
	list := func() provider.Key { return listed(platform(c), values) }
	part.Prefix = list()
	after, before := c.Query.Get("starting_after"), c.Query.Get("ending_before")
	var cursor uint64
	switch {
	case after != "" && before != "":
		return part, problem.New(problem.Invalid, "", "stands beside starting_after").At("query:ending_before")
	case after != "":
		cursor, err = s.place(c, after, "query:starting_after")
		part.From = list().Number(^cursor + 1)
	case before != "":
		cursor, err = s.place(c, before, "query:ending_before")
		part.From, part.Reverse = list().Number(^cursor), true
	}
	return part, err
}

// place is the number of the object that a cursor names. To say that it is not found keeps what the reply is about
// from being told: it may be another platform's.
func (s collection[T, D]) place(c *provider.Call, id, param string) (uint64, error) {
	e, err := s.find(c, id)
	if err != nil || e == nil {
		return 0, cmp.Or[error](err, problem.New(problem.NotFound, "invalid_parameter", "").At(param))
	}
	return D(e.Data).origin().Number, nil
}
