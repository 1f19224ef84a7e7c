package finqlink

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider"
	"github.com/mockbank/mockbank/internal/strictjson"
)

// longestLook is how many rows are looked at for one page. A filter that few rows pass gives a short page then, whose
// cursor stands where the look ended.
const longestLook = 10_000

// pageOf is the pagination of a request for data.
type pageOf struct {
	Limit int     `json:"limit"`
	After *string `json:"after"`
}

func (p pageOf) limit() int {
	if p.Limit == 0 {
		return defaultPage
	}
	return p.Limit
}

// listing is one list as one client asks for it: a digest of the client, the consent, the list and the filter. Cursors
// are of one listing.
type listing [sha256.Size]byte

func newListing(client, consent, list string, filter any) listing {
	raw, _ := strictjson.Marshal([]any{client, consent, list, filter}) // Texts and times always encode.
	return sha256.Sum256(raw)
}

// spot is a place in a list of data: that of one record. Its text is a cursor, and a record's keyset.
type spot struct {
	At     string `json:"at"` // what the list is ordered by
	ID     string `json:"id"`
	Number int64  `json:"number,omitzero"` // of an account's entries
	Seal   string `json:"seal"`            // of the listing, so that another one's cursor is refused
}

// text seals a spot, which binds it to its list. The seal is no secret: whoever forges one reads no more than the list has.
func (l listing) text(s spot) string {
	digest := sha256.Sum256(fmt.Appendf(l[:], "%q %q %d", s.At, s.ID, s.Number))
	s.Seal = base64.RawURLEncoding.EncodeToString(digest[:9])
	raw, _ := strictjson.Marshal(s) // Likewise.
	return base64.RawURLEncoding.EncodeToString(raw)
}

// open reads a cursor that text wrote for this list; nil where the request has none.
func (l listing) open(p pageOf) (*spot, error) {
	if p.After == nil {
		return nil, nil
	}
	var s spot
	raw, err := base64.RawURLEncoding.Strict().DecodeString(*p.After)
	if err != nil || strictjson.Unmarshal(raw, &s) != nil || l.text(s) != *p.After {
		return nil, errCursor()
	}
	return &s, nil
}

func errCursor() error {
	return problem.New(problem.Invalid, "", "is no cursor of this list: send the after of the last page, or the keyset of a record, as it is, with the same filter").At("/pagination/after")
}

// sheet is a page while it is filled.
type sheet[V any] struct {
	limit   int
	records []V
	more    bool
	last    spot // of the last record
	behind  spot // the last row that was looked at while there was room on the page
	looked  int
}

func newSheet[V any](p pageOf) *sheet[V] { return &sheet[V]{limit: p.limit(), records: []V{}} }

// take looks at the next row of the list, and tells whether to go on. show is called for one that belongs on the page.
func (s *sheet[V]) take(at spot, passes bool, show func() V) bool {
	full := len(s.records) == s.limit
	if s.more = s.looked == longestLook || full && passes; s.more {
		return false
	}
	s.looked++
	if full {
		return true
	}
	s.behind = at
	if passes {
		s.last, s.records = at, append(s.records, show())
	}
	return true
}

// pagination describes the page. Its cursor is the last record's, unless the look ended before the page was full: what
// stands behind a full page is looked at again.
func (s *sheet[V]) pagination(l listing) pagination {
	p := pagination{Count: len(s.records), More: s.more}
	at := s.last
	if s.more {
		at = s.behind
	}
	if at != (spot{}) {
		after := l.text(at)
		p.After = &after
	}
	return p
}

// dataReply is what the replies with data begin with.
type dataReply struct {
	RequestID string `json:"request_id"`
	App       string `json:"api_client_app"`
	ClientID  string `json:"client_id"`
	ConsentID string `json:"consent_id"`
}

// openData finds a consent whose data the client may read now, and begins the reply.
func openData(c *provider.Call, id string) (dataReply, *provider.Entity[Consent], error) {
	consent, err := activeConsent(c, id)
	if err != nil {
		return dataReply{}, nil, err
	}
	app, err := appOf(c)
	return dataReply{RequestID: requestID(c), App: app, ClientID: c.Principal.Client, ConsentID: id}, consent, err
}

// within tells whether t lies between two bounds, both included; a bound that is not set holds nothing back.
func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.After(to))
}
