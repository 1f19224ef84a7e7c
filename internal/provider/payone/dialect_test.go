package payone

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mockbank/mockbank/internal/problem"
	"github.com/mockbank/mockbank/internal/provider/providertest"
)

// TestOrdersAreThoseOfTheSpec: what code lists again, it lists as the spec does.
func TestOrdersAreThoseOfTheSpec(t *testing.T) {
	document := providertest.New(t, New).Runtime.Spec
	members := func(names ...string) (all []string) {
		for _, name := range names {
			all = append(all, document.Schema(name).Properties()...)
		}
		return all
	}
	for name, lists := range map[string][2][]string{
		"a link and what is within":  {members("LinkCreateRequest", "AddressDataDto", "InvoiceInformationDto"), written},
		"an item":                    {members("CartItemDto"), writtenItem},
		"a reply":                    {members("LinkResponse"), jsonNames[linkView]()},
		"what a merchant says":       {sorted(members("LinkCreateRequest")), sorted(jsonNames[Terms]())},
		"a page":                     {members("PageLinkResponse"), jsonNames[page]()},
		"a refusal":                  {members("Error"), jsonNames[refusalBody]()},
		"what TransactionStatus has": {members("TransactionStatus")[:7], []string{"key", "txaction", "transaction_status", "notify_version", "mode", "portalid", "aid"}},
	} {
		if diff := cmp.Diff(lists[0], lists[1]); diff != "" {
			t.Errorf("%s (-spec +code):\n%s", name, diff)
		}
	}
	for method := range methods {
		if vs := document.Schema("PaymentMethod").Check(method); vs != nil {
			t.Errorf("%s is no method of the provider", method)
		}
	}
	for _, settings := range []string{"Settings", "ClientSettings"} {
		if vs := document.Schema(settings).Check(document.Schema(settings).Defaults()); vs != nil {
			t.Errorf("%s: the defaults break their own rules: %v", settings, vs)
		}
	}
}

func jsonNames[T any]() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func sorted(names []string) []string { slices.Sort(names); return names }

func TestEveryKindOfRefusalHasItsStatus(t *testing.T) {
	for kind, want := range map[problem.Kind]int{
		problem.Malformed: 400, problem.Invalid: 400, problem.Refused: 400, problem.Unauthenticated: 401, problem.Forbidden: 403, problem.NotFound: 404,
		problem.NoRoute: 404, problem.MethodNotAllowed: 405, problem.Conflict: 409, problem.TooLarge: 413, problem.UnsupportedMedia: 415,
		problem.TooManyRequests: 429, problem.Internal: 500, problem.Timeout: 503, problem.Unavailable: 503, problem.StorageFull: 503,
	} {
		if got := statusOf(problem.New(kind, "", "")); got != want {
			t.Errorf("%s is %d, want %d", kind, got, want)
		}
	}
	if got := statusOf(&problem.Error{Kind: problem.Refused, Status: 418}); got != 418 {
		t.Errorf("a story's own status is %d", got)
	}
}

func TestFieldsAreWrittenAsSpringDoes(t *testing.T) {
	for pointer, want := range map[string]string{
		"/shoppingCart/0/price": "shoppingCart[0].price", "/billing/zip": "billing.zip", "/paymentMethods/12": "paymentMethods[12]",
		"query:limit": "limit", "/mode": "mode", "": "",
	} {
		if got := fieldOf(pointer); got != want {
			t.Errorf("%s is %s, want %s", pointer, got, want)
		}
	}
}
