package finqlink

import "github.com/mockbank/mockbank/internal/pages"

var english = texts{
	Tag: "en", Name: "English", Point: ".", Group: ",",

	PaymentTo: "Payment to %s", Pay: "Pay",
	Steps:  []string{"Choose your bank", "Approve there", "Done"},
	Amount: "Amount", To: "To", ToAccount: "To account", From: "From account",
	Details: "Details", Status: "Status", Goods: "What you pay for", Item: "Item", Quantity: "Quantity",
	OnPhone: "Go on with your phone", OnPhoneText: "Scan this with your phone, and choose your bank there.", QRCode: "The address of this page as a QR code",
	YourBank: "Your bank", ChooseBank: "Choose your bank", Search: "Search", NoMatch: "No bank has this name.",
	Schemes:   map[string]string{"domestic": "Transfer", "instant": "Instant transfer", "sepa": "SEPA transfer"},
	Remitters: map[string]string{"retail": "personal", "corporate": "business"}, Or: "or",
	AmountIn: "Amount in %s", YourIBAN: "Your IBAN", YourIBANHint: "You can also choose the account at your bank.",
	YourPSUID: "Your PSU ID", YourPSUIDHint: "Your user name at the bank.", Optional: "optional",
	BankNeeded: "Please choose your bank.", BankMisfit: "This bank can not pay from that account: please look at your IBAN, or choose another bank.", NoBank: "No bank fits this payment. Please tell the shop.",
	BadAmount: "An amount is written like 125.50 and is above 0.", LongDetails: "At most 140 characters, please.",
	BadIBAN: "This is no valid IBAN: please look for a typing error.", LongID: "At most 128 characters, please.",

	Asking:     told{"One moment", "Your bank is being asked for this payment."},
	AtBank:     told{"Please go on at your bank", "The payment waits for your approval there."},
	Done:       told{"Thank you", "The payment is done."},
	Taken:      told{"Thank you", "Your bank has taken the payment and is executing it."},
	Failed:     told{"The payment failed", ""},
	Withdrawn:  told{"The payment link was withdrawn", "It can not be paid any more."},
	CameBack:   told{"The payment came back", "The shop's bank did not accept it."},
	Expired:    told{"This payment link has expired", "It can not be paid any more. Please ask the shop for a new one."},
	Nothing:    told{"There is nothing here", "This address is not, or no longer, that of a payment. Please open the link that you were given once more."},
	Fault:      told{"Something went wrong", "The fault is ours. Please try again in a moment."},
	DidNotWork: told{"This did not work", ""},
	GoToBank:   "Go to your bank", BackToShop: "Back to the shop", GoesOn: "This page goes on by itself.", OrderAccount: "Account of the order",
	NoReason:   "The bank refused it",
	BankWaits:  told{"One moment", "The bank is looking at the order."},
	WrongLogin: "This login is not known here. After three wrong ones the page locks.", LogInFirst: "Please log in first.",
	AccountNeeded: "Please choose an account.", Press: "Please use one of the buttons.",

	Consent: consentTexts{
		sayings: sayings{
			Confirm: "Continue", NoBank: "No bank can show what is asked for here. Please tell who sent you here.",
			Asking: told{"One moment", "Your bank is being asked for its approval page."},
			AtBank: told{"Please go on at your bank", "Your consent waits for your approval there."},
		},
		Title: "Access to your account data", Scope: "What may be read", Validity: "Valid for",
		Parts:     map[string]string{"accounts": "accounts", "balances": "balances", "transactions": "transactions"},
		Cancelled: told{"You cancelled at your bank", "Nobody can read your data. You can try again, also at another bank, or leave it."},
		TryAgain:  "Try again", GiveUp: "Leave it",
		Done:   told{"Thank you", "Your bank has your approval, and the access is being set up."},
		Failed: told{"The consent was not given", ""},
		Endings: map[string]told{
			"active":    {"Thank you", "Your consent is active."},
			"revoked":   {"The consent was withdrawn", "Your data can not be read any more."},
			"expired":   {"This link has expired", "Nobody can read your data. Please ask for a new link."},
			"suspended": {"Your bank has blocked the access", "Your data can not be read for now."},
		},
	},

	Banks: "Banks and their methods", BanksText: "What clients get from providers/list. Every payment method takes all four flow types, and leaves IBAN and PSU ID to the payer where they are not given.", Method: "Method", Currency: "Currency", For: "For",
	Data: "data", TellsFunds: "tells of the funds", Features: "Features",
	OneDay: "%d day", SomeDays: "%d days", ManyDays: "%d days",
	Layout: pages.Words{Skip: "Skip to the content", Test: "Test: no real money", Served: "Served by mockbank, which stands in for the real page."},
}
