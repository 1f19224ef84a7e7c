package payone

import "github.com/mockbank/mockbank/internal/pages"

var english = texts{
	Language: "en-US",
	Numbers: numbers{
		Point: ".", Group: ",", GroupsFrom: 4, Symbols: map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}, SymbolFirst: true,
		Percent: "", Day: "Jan 2, 2006",
	},
	Layout: pages.Words{Skip: "Skip to the content", Test: "Test: no real money", Served: "Served by mockbank, which stands in for the real page."},

	Merchant: "Merchant %s", Title: "Pay %s",
	Order: "Your order", Cart: "Shopping cart", Total: "Total", Article: "Item no. %s", VAT: "incl. %s VAT",
	DeliveryFrom: "Delivery from %s", DeliveryUntil: "Delivery until %s", DeliveredIn: "Delivery from %s to %s",
	Goods: "Goods", Shipment: "Shipping", Handling: "Handling", Voucher: "Voucher",
	Billing: "Billing address", Shipping: "Shipping address", Reference: "Reference", ValidUntil: "Valid until",

	Method: "Payment method", Pay: "Execute Payment", Back: "Back", Debit: "SEPA direct debit",
	Cardholder: "Name on card", CardNumber: "Card number", CardExpiry: "Expiry date", CardCode: "Security code",
	ExpiryExample: "MM/YY", CodeHint: "Three digits on the back, or four on the front of American Express.",
	IBAN: "IBAN", AccountHolder: "Account holder",
	Mandate: "By paying you allow the merchant to collect the amount from this account once.",
	Bank:    "Your bank", Redirect: "You will be redirected to %s and confirm the payment there.",
	TestData: "Test data", Succeeds: "the payment succeeds", DeclinedOnce: "declined, and can be tried again", Fails: "the payment fails for good",
	AsksAtBank: "asks with 3‑D Secure", AnyIBAN: "a valid IBAN, the payment succeeds", ReturnedLater: "as account holder: comes back after five days",

	CheckForm: "Please check what is marked below.", ChooseMethod: "Please choose a payment method.", ChooseBank: "Please choose your bank.",
	NameNeeded: "Please enter a name.", TooLong: "At most %d characters, please.",
	BadNumber: "This card number is not right. Please look for a typing error.", OtherBrand: "This number is not one of %s.",
	BadExpiry: "Please write month and year as MM/YY.", CardExpired: "This card has expired.", BadCode: "The security code has %d digits.",
	BadIBAN: "This IBAN is not right. Please look for a typing error.", CardDeclined: "The card was declined. Please try another one.",

	NotReady:    told{"This payment link is not complete yet", "It can be paid once the merchant has completed it."},
	Expired:     told{"This payment link has expired", "Please ask the merchant for a new one."},
	Deactivated: told{"This payment link is not active", "The merchant has switched it off. Please ask there."},
	Used:        told{"This payment link was already used", "It can not be paid a second time."},
	Continue:    "Continue", ShowResult: "See the result",

	Secure: "Your bank wants to be sure that it is you (3‑D Secure).", AtBank: "Please approve the transfer.", AtWallet: "Please confirm the payment.",
	BankUser: "User name", Approve: "Approve", Decline: "Decline", Cancel: "Cancel",
	Amount: "Amount", To: "To", Card: "Card", Account: "Account",
	UserApproves: "the payment succeeds", UserDeclines: "the payment is declined", UserAbandons: "nobody answers; fails after 30 minutes",
	Unanswered: told{"This payment stays unanswered", "It fails 30 minutes after it began."}, ToBank: "Back to the bank",
	Paid:     told{"Thank you for your payment", "The merchant has been told."},
	Pending:  told{"Your payment is being processed", "The merchant will be told as soon as it is complete."},
	Failed:   told{"The payment was not made", "Nothing was charged. Please turn to the merchant."},
	PaidWith: "Paid with", Process: "Transaction", Invoice: "Invoice", InvoiceSent: "This invoice would have gone to %s.", InvoiceNumber: "Invoice number",
	ForTest: "mockbank sends no e-mail.",

	Nothing: told{"There is nothing here", "This address is not that of a payment link. Please open the one that you were given once more."},
	Forged:  told{"This form did not come from here", "Please open the payment link once more and try again."},
	Fault:   told{"Something went wrong", "Please try again in a moment."},
}
