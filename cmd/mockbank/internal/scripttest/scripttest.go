// Package scripttest is the vocabulary of the stories in testdata/script, in which users meet the real program.
//
// The stories need nothing but Go: no curl and no jq. None sleeps: clocks stand, and move when a story says so. A
// word that does not find what it wants fails the story and says what it found instead. Besides the commands of
// testscript there are:
//
//	serve [FLAG...]                   starts mockbank on a free port; sets $BASE, $ADDRESS, $CONTROL, and the addresses
//	                                  of the APIs: $API (FinqLink), $ONELINK (OneLinkFintech)
//	quit, kill9                       ends it as Ctrl-C does, with exit code 0; ends it as a crash does
//	[!] logged TIMES PATTERN          waits until its log has this so often, or wants that it has not
//	exits CODE mockbank [ARG...]      runs it to its end, and wants this exit code
//	workspace NAME                    makes $CONTROL and the APIs those of another workspace
//	call STATUS METHOD URL [ITEM...]  sends a request and wants this HTTP status
//	finqlink STATUS PATH [ITEM...]    posts to FinqLink with the demo client's id and secret
//	onelinkfintech STATUS METHOD PATH [ITEM...]   asks OneLinkFintech with the full key of platform 1
//	submit STATUS URL [NAME=VALUE...] sends a form, as a page's button does
//	control STATUS METHOD PATH [ITEM...]
//	[!] json MEMBER WANT              looks into the last reply: items.0.state, items.length, or absent
//	members NAME...                   wants exactly these members in the last reply
//	header NAME WANT                  looks at a header of the last reply
//	keep VARIABLE MEMBER              keeps a member of the last reply in a variable
//	leads VARIABLE                    keeps the query of the address to which the last reply sends the browser
//
// An ITEM is member=text, member:=JSON (a dot leads into an object) or Header:value. And of payments:
//
//	order [ITEM...]                   creates a payment link; sets $LINK
//	orders COUNT FILE                 creates links; writes a line with status and ids, or broken, for each
//	payment ITEM...                   wants these members in what links/get says of $LINK
//	fire EVENT, act approve           moves $LINK by the control API
//	advance DURATION                  moves the clock
//	story [-opens|-leaves] SCENARIO END ITEM...   an order told to its end, with a payer who stops there
//	got INBOX STATUS...               wants these notifications of $LINK in an inbox, in this order
//	signed INBOX current|previous|unknown   verifies the last of them with the keys that are published now
package scripttest

import (
	"maps"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mockbank/mockbank/internal/housetest"
)

// Params plays the scripts of a folder.
func Params(dir string) testscript.Params {
	all := words{}
	maps.Copy(all, processWords)
	maps.Copy(all, callWords)
	maps.Copy(all, paymentWords)
	return testscript.Params{
		Dir: dir, Cmds: all, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			t := &tale{}
			env.Values[taleKey{}] = t
			env.Defer(func() { t.end(env.T()) })
			return nil
		},
	}
}

type words = map[string]func(*testscript.TestScript, bool, []string)

type doing func(*testscript.TestScript, []string) error

// word makes a command of testscript of a function that returns an error.
func word(usage string, least, most int, do doing) func(*testscript.TestScript, bool, []string) {
	return negatable(usage, least, most, do, nil)
}

// negatable makes a word that means something else behind an exclamation mark.
func negatable(usage string, least, most int, do, opposite doing) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, negated bool, args []string) {
		chosen := do
		if negated {
			chosen = opposite
		}
		if chosen == nil || len(args) < least || (most >= 0 && len(args) > most) {
			ts.Fatalf("usage: %s", usage)
		}
		ts.Check(chosen(ts, args))
	}
}

type taleKey struct{}

// tale is what one script has at hand.
type tale struct {
	house *housetest.House
	reply reply
}

func taleOf(ts *testscript.TestScript) *tale {
	return ts.Value(taleKey{}).(*tale)
}

// end is the last look at a script's mockbank: it ends in order, and it never panicked on its way.
func (t *tale) end(result testscript.T) {
	if t.house == nil {
		return
	}
	if err := t.house.Close(); err != nil {
		result.Fatal(err)
	}
}
