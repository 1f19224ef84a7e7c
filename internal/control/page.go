package control

import "sort"

// page is a part of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitzero"` // the after of the next page; empty: there is none
}

// cut takes one page out of a whole list that is sorted by its keys.
func cut[T any](q *request, all []T, key func(T) string) page[T] {
	from := 0
	if after := q.after(); after != "" {
		from = sort.Search(len(all), func(i int) bool { return key(all[i]) > after })
	}
	to := min(from+q.limit(), len(all))
	p := page[T]{Items: append([]T{}, all[from:to]...)}
	if to < len(all) && to > from {
		p.Next = key(all[to-1])
	}
	return p
}
