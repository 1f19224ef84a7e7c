package payone

import (
	"strconv"

	"github.com/mockbank/mockbank/internal/provider"
)

const usualSize = 25

// page is a page of a list as Spring writes it.
type page struct {
	Content       []linkView `json:"content"`
	Pageable      pageable   `json:"pageable"`
	TotalPages    int64      `json:"totalPages"`
	TotalElements int64      `json:"totalElements"`
	Last          bool       `json:"last"`
	First         bool       `json:"first"`
	Size          int64      `json:"size"`
	Number        int64      `json:"number"`
	Sort          sorting    `json:"sort"`
	Elements      int        `json:"numberOfElements"`
	Empty         bool       `json:"empty"`
}

type pageable struct {
	Sort       sorting `json:"sort"`
	Offset     int64   `json:"offset"`
	PageNumber int64   `json:"pageNumber"`
	PageSize   int64   `json:"pageSize"`
	Paged      bool    `json:"paged"`
	Unpaged    bool    `json:"unpaged"`
}

// sorting says that nobody asked for an order.
type sorting struct {
	Sorted   bool `json:"sorted"`
	Unsorted bool `json:"unsorted"`
	Empty    bool `json:"empty"`
}

var unsorted = sorting{Unsorted: true, Empty: true}

func (p *payone) listLinks(c *provider.Call) (provider.Reply, error) {
	number, size := queryInt(c, "page", 0), queryInt(c, "limit", usualSize)
	list := listKey(c.Query.Get("merchantId"), c.Query.Get("accountId"), c.Query.Get("portalId"), c.Query.Get("mode"))
	total, err := links.Count(c, byPortal, list)
	if err != nil {
		return provider.Reply{}, err
	}
	found := []linkView{}
	err = links.Page(c, byPortal, list, number*size, size, func(e *provider.Entity[Link]) (bool, error) {
		view, err := viewOf(c, e)
		found = append(found, view)
		return true, err
	})
	return provider.Reply{Body: pageOf(found, number, size, total)}, err
}

func pageOf(found []linkView, number, size, total int64) page {
	pages := (total + size - 1) / size
	return page{
		Content: found, Sort: unsorted,
		Pageable:   pageable{Sort: unsorted, Offset: number * size, PageNumber: number, PageSize: size, Paged: true},
		TotalPages: pages, TotalElements: total, Size: size, Number: number, Elements: len(found),
		First: number == 0, Last: number >= pages-1, Empty: len(found) == 0,
	}
}

// queryInt reads a number of the query that the spec found sound.
func queryInt(c *provider.Call, name string, usual int64) int64 {
	n, err := strconv.ParseInt(c.Query.Get(name), 10, 64)
	if err != nil {
		return usual
	}
	return n
}
