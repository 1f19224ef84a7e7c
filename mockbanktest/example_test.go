package mockbanktest_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/mockbank/mockbank/mockbanktest"
)

// A payment succeeds after the clock moved, and every webhook of it verifies. In a test, t is its *testing.T.
func Example() {
	t := &test{name: "TestPayment"}
	defer t.end()

	srv := mockbanktest.Start(t, mockbanktest.Frozen(noon))
	world := srv.Workspace(t)
	inbox := world.Inbox("shop")
	app := shop{finqlink: world.URL("finqlink"), webhooks: inbox.URL()}

	link, err := app.order("125.50")
	if err != nil {
		t.Fatalf("no link: %v", err)
	}
	world.Act("finqlink", "link", link, mockbanktest.Approve)
	world.Advance(10 * time.Second)

	fmt.Println(world.Entity("finqlink", "link", link).State)
	for _, m := range inbox.Messages() {
		var told struct{ Status string }
		if err := json.Unmarshal(m.Body, &told); err != nil {
			t.Fatalf("%v", err)
		}
		fmt.Println(m.At.Format(time.TimeOnly), told.Status, m.Verdict.Valid)
	}
	// Output:
	// funds_received
	// 12:00:00 started true
	// 12:00:00 requested true
	// 12:00:00 intent_accepted true
	// 12:00:00 awaiting_authz true
	// 12:00:00 received true
	// 12:00:00 submitted true
	// 12:00:01 completed true
	// 12:00:06 funds_received true
}

// The next payment fails for want of money, whatever its amount is; the one after it does not.
func ExampleWorkspace_Queue() {
	t := &test{name: "TestPoorPayer"}
	defer t.end()
	world := srv.Workspace(t)
	app := shop{finqlink: world.URL("finqlink")}

	world.Queue("finqlink", "link", "pay_insufficient_funds", 1)
	for range 2 {
		link, err := app.order("125.50")
		if err != nil {
			t.Fatalf("no link: %v", err)
		}
		world.Act("finqlink", "link", link, mockbanktest.Approve)
		world.Advance(time.Minute)
		fmt.Println(world.Entity("finqlink", "link", link).State)
	}
	// Output:
	// failed
	// funds_received
}

// The provider is down once. The application tries again, and makes one payment of it.
func ExampleWorkspace_Fault() {
	t := &test{name: "TestDownOnce"}
	defer t.end()
	world := srv.Workspace(t)
	app := shop{finqlink: world.URL("finqlink")}

	world.Fault(mockbanktest.Target{Operation: "createLink", Times: 1}, mockbanktest.Harm{Status: 503})
	_, err := app.pay("125.50")
	fmt.Println(err, len(world.Entities("finqlink", "link")))
	world.Verify(mockbanktest.Match{Operation: "createLink", Status: 503}, mockbanktest.Exactly(1))
	world.Verify(mockbanktest.Match{Operation: "createLink"}, mockbanktest.Exactly(2))
	// Output:
	// <nil> 1
}

// A test that wants a request that nobody made fails with what nearly matched.
func ExampleWorkspace_Verify() {
	t := &test{name: "TestAmount"}
	defer t.end()
	world := srv.Workspace(t)
	app := shop{finqlink: world.URL("finqlink")}

	if _, err := app.order("125.50"); err != nil {
		t.Fatalf("no link: %v", err)
	}
	fmt.Println(t.fails(func() {
		world.Verify(mockbanktest.Match{
			Operation: "createLink",
			Body:      map[string]any{"single_transfer": map[string]any{"amount": "125.05"}},
		}, mockbanktest.Exactly(1))
	}))
	// Output:
	// mockbank: wanted exactly 1, found 0
	//   request 1: body /single_transfer/amount: want "125.05", got "125.50"
}

// The receiver of the webhooks is down for two attempts. They come again, in the world's time.
func ExampleInbox_Answers() {
	t := &test{name: "TestReceiverIsDown"}
	defer t.end()
	world := srv.Workspace(t)
	inbox := world.Inbox("shop")
	app := shop{finqlink: world.URL("finqlink"), webhooks: inbox.URL()}

	inbox.Answers(mockbanktest.Answer{Status: 500, Times: 2})
	link, err := app.order("125.50")
	if err != nil {
		t.Fatalf("no link: %v", err)
	}
	world.Fire("finqlink", "link", link, "open")
	world.Advance(time.Hour)
	for _, m := range inbox.Messages() {
		fmt.Println(m.At.Format(time.TimeOnly), m.Status)
	}
	// Output:
	// 12:00:00 500
	// 12:00:05 500
	// 12:01:05 200
}

// Many tests begin where one has been before.
func ExampleWorkspace_Restore() {
	t := &test{name: "TestPaidAlready"}
	defer t.end()
	world := srv.Workspace(t)
	app := shop{finqlink: world.URL("finqlink")}

	link, err := app.order("125.50")
	if err != nil {
		t.Fatalf("no link: %v", err)
	}
	begin := world.Snapshot()
	world.Act("finqlink", "link", link, mockbanktest.Approve)
	world.Advance(time.Minute)
	fmt.Println(world.Entity("finqlink", "link", link).State)
	world.Restore(begin)
	fmt.Println(world.Entity("finqlink", "link", link).State, world.Now().Format(time.TimeOnly))
	// Output:
	// funds_received
	// created 12:00:00
}
