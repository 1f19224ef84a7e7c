package payone

import "github.com/mockbank/mockbank/internal/pages"

var german = texts{
	Language: "de-DE",
	Numbers: numbers{
		Point: ",", Group: ".", GroupsFrom: 4, Symbols: map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"},
		Percent: space, Day: "02.01.2006",
	},
	Layout: pages.Words{Skip: "Zum Inhalt", Test: "Test: kein echtes Geld", Served: "Diese Seite kommt von mockbank, das die echte nachbildet."},

	Merchant: "Händler %s", Title: "%s bezahlen",
	Order: "Ihre Bestellung", Cart: "Warenkorb", Total: "Gesamtbetrag", Article: "Art.-Nr. %s", VAT: "inkl. %s MwSt.",
	DeliveryFrom: "Lieferung ab %s", DeliveryUntil: "Lieferung bis %s", DeliveredIn: "Lieferung vom %s bis %s",
	Goods: "Ware", Shipment: "Versand", Handling: "Bearbeitung", Voucher: "Gutschein",
	Billing: "Rechnungsadresse", Shipping: "Lieferadresse", Reference: "Referenz", ValidUntil: "Gültig bis",

	Method: "Zahlungsart", Pay: "Zahlung ausführen", Back: "Zurück", Debit: "SEPA-Lastschrift",
	Cardholder: "Name auf der Karte", CardNumber: "Kartennummer", CardExpiry: "Gültig bis", CardCode: "Prüfnummer",
	ExpiryExample: "MM/JJ", CodeHint: "Drei Ziffern auf der Rückseite, bei American Express vier auf der Vorderseite.",
	IBAN: "IBAN", AccountHolder: "Kontoinhaber",
	Mandate: "Mit der Zahlung erlauben Sie dem Händler, den Betrag einmalig von diesem Konto einzuziehen.",
	Bank:    "Ihre Bank", Redirect: "Sie werden zu %s weitergeleitet und bestätigen die Zahlung dort.",
	TestData: "Testdaten", Succeeds: "Zahlung gelingt", DeclinedOnce: "abgelehnt, ein neuer Versuch ist möglich", Fails: "Zahlung scheitert endgültig",
	AsksAtBank: "fragt mit 3‑D Secure nach", AnyIBAN: "gültige IBAN, Zahlung gelingt", ReturnedLater: "als Kontoinhaber: kommt nach fünf Tagen zurück",

	CheckForm: "Bitte prüfen Sie die markierten Angaben.", ChooseMethod: "Bitte wählen Sie eine Zahlungsart.", ChooseBank: "Bitte wählen Sie Ihre Bank.",
	NameNeeded: "Bitte geben Sie einen Namen ein.", TooLong: "Höchstens %d Zeichen, bitte.",
	BadNumber: "Diese Kartennummer ist nicht richtig. Bitte prüfen Sie sie auf Tippfehler.", OtherBrand: "Diese Nummer ist keine von %s.",
	BadExpiry: "Bitte schreiben Sie Monat und Jahr als MM/JJ.", CardExpired: "Diese Karte ist abgelaufen.", BadCode: "Die Prüfnummer hat %d Ziffern.",
	BadIBAN: "Diese IBAN ist nicht richtig. Bitte prüfen Sie sie auf Tippfehler.", CardDeclined: "Die Karte wurde abgelehnt. Bitte versuchen Sie es mit einer anderen.",

	NotReady:    told{"Dieser Zahlungslink ist noch nicht vollständig", "Er kann erst bezahlt werden, wenn der Händler ihn ergänzt hat."},
	Expired:     told{"Dieser Zahlungslink ist abgelaufen", "Bitte fragen Sie den Händler nach einem neuen."},
	Deactivated: told{"Dieser Zahlungslink ist nicht aktiv", "Der Händler hat ihn abgeschaltet. Bitte fragen Sie dort nach."},
	Used:        told{"Dieser Zahlungslink wurde bereits verwendet", "Er kann nicht noch einmal bezahlt werden."},
	Continue:    "Weiter", ShowResult: "Ergebnis ansehen",

	Secure: "Ihre Bank möchte sicher sein, dass Sie es sind (3‑D Secure).", AtBank: "Bitte geben Sie die Überweisung frei.", AtWallet: "Bitte bestätigen Sie die Zahlung.",
	BankUser: "Benutzername", Approve: "Freigeben", Decline: "Ablehnen", Cancel: "Abbrechen",
	Amount: "Betrag", To: "Empfänger", Card: "Karte", Account: "Konto",
	UserApproves: "Zahlung gelingt", UserDeclines: "Zahlung wird abgelehnt", UserAbandons: "niemand antwortet; scheitert nach 30 Minuten",
	Unanswered: told{"Diese Zahlung bleibt unbeantwortet", "Sie scheitert 30 Minuten nach ihrem Beginn."}, ToBank: "Zurück zur Bank",
	Paid:     told{"Vielen Dank für Ihre Zahlung", "Der Händler ist benachrichtigt."},
	Pending:  told{"Ihre Zahlung wird bearbeitet", "Der Händler erfährt, sobald sie abgeschlossen ist."},
	Failed:   told{"Die Zahlung wurde nicht ausgeführt", "Es wurde nichts abgebucht. Bitte wenden Sie sich an den Händler."},
	PaidWith: "Bezahlt mit", Process: "Vorgang", Invoice: "Rechnung", InvoiceSent: "Diese Rechnung wäre an %s gegangen.", InvoiceNumber: "Rechnungsnummer",
	ForTest: "mockbank verschickt keine E-Mails.",

	Nothing: told{"Hier gibt es nichts", "Diese Adresse gehört zu keinem Zahlungslink. Bitte öffnen Sie noch einmal den, den Sie bekommen haben."},
	Forged:  told{"Dieses Formular kam nicht von hier", "Bitte öffnen Sie den Zahlungslink noch einmal und versuchen Sie es erneut."},
	Fault:   told{"Etwas ist schiefgegangen", "Bitte versuchen Sie es gleich noch einmal."},
}
