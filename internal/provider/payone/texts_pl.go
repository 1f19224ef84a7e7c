package payone

import "github.com/mockbank/mockbank/internal/pages"

var polish = texts{
	Language: "pl-PL",
	Numbers: numbers{
		Point: ",", Group: space, GroupsFrom: 5, Symbols: map[string]string{"EUR": "€", "PLN": "zł"},
		Percent: "", Day: "02.01.2006",
	},
	Layout: pages.Words{Skip: "Przejdź do treści", Test: "Test: bez prawdziwych pieniędzy", Served: "Stronę podaje mockbank, który zastępuje prawdziwą."},

	Merchant: "Sprzedawca %s", Title: "Zapłać %s",
	Order: "Twoje zamówienie", Cart: "Koszyk", Total: "Razem", Article: "Nr art. %s", VAT: "w tym VAT %s",
	DeliveryFrom: "Dostawa od %s", DeliveryUntil: "Dostawa do %s", DeliveredIn: "Dostawa od %s do %s",
	Goods: "Towar", Shipment: "Wysyłka", Handling: "Obsługa", Voucher: "Bon",
	Billing: "Adres rozliczeniowy", Shipping: "Adres dostawy", Reference: "Numer referencyjny", ValidUntil: "Ważny do",

	Method: "Metoda płatności", Pay: "Wykonaj płatność", Back: "Wstecz", Debit: "Polecenie zapłaty SEPA",
	Cardholder: "Imię i nazwisko na karcie", CardNumber: "Numer karty", CardExpiry: "Data ważności", CardCode: "Kod CVC",
	ExpiryExample: "MM/RR", CodeHint: "Trzy cyfry na odwrocie, a na American Express cztery z przodu.",
	IBAN: "IBAN", AccountHolder: "Posiadacz rachunku",
	Mandate: "Płacąc, zezwalasz sprzedawcy na jednorazowe pobranie tej kwoty z rachunku.",
	Bank:    "Twój bank", Redirect: "Nastąpi przekierowanie do %s, gdzie potwierdzisz płatność.",
	TestData: "Dane testowe", Succeeds: "płatność się powiedzie", DeclinedOnce: "odrzucona, można spróbować ponownie", Fails: "płatność ostatecznie się nie powiedzie",
	AsksAtBank: "wymaga potwierdzenia 3‑D Secure", AnyIBAN: "prawidłowy IBAN, płatność się powiedzie", ReturnedLater: "jako posiadacz: zwrot po pięciu dniach",

	CheckForm: "Sprawdź zaznaczone pola.", ChooseMethod: "Wybierz metodę płatności.", ChooseBank: "Wybierz swój bank.",
	NameNeeded: "Podaj imię i nazwisko.", TooLong: "Dozwolona liczba znaków: %d.",
	BadNumber: "Ten numer karty jest nieprawidłowy. Sprawdź, czy nie ma w nim błędu.", OtherBrand: "To nie jest numer karty %s.",
	BadExpiry: "Podaj miesiąc i rok w postaci MM/RR.", CardExpired: "Ta karta straciła ważność.", BadCode: "Liczba cyfr kodu zabezpieczającego: %d.",
	BadIBAN: "Ten IBAN jest nieprawidłowy. Sprawdź, czy nie ma w nim błędu.", CardDeclined: "Karta została odrzucona. Spróbuj użyć innej.",

	NotReady:    told{"Ten link do płatności nie jest jeszcze kompletny", "Będzie można zapłacić, gdy sprzedawca go uzupełni."},
	Expired:     told{"Ten link do płatności wygasł", "Poproś sprzedawcę o nowy."},
	Deactivated: told{"Ten link do płatności jest nieaktywny", "Sprzedawca go wyłączył. Skontaktuj się z nim."},
	Used:        told{"Ten link do płatności został już użyty", "Nie można zapłacić po raz drugi."},
	Continue:    "Dalej", ShowResult: "Zobacz wynik",

	Secure: "Twój bank chce się upewnić, że to Ty (3‑D Secure).", AtBank: "Zatwierdź przelew.", AtWallet: "Potwierdź płatność.",
	BankUser: "Nazwa użytkownika", Approve: "Zatwierdź", Decline: "Odrzuć", Cancel: "Anuluj",
	Amount: "Kwota", To: "Odbiorca", Card: "Karta", Account: "Konto",
	UserApproves: "płatność się powiedzie", UserDeclines: "płatność zostanie odrzucona", UserAbandons: "nikt nie odpowie; niepowodzenie po 30 minutach",
	Unanswered: told{"Ta płatność pozostaje bez odpowiedzi", "Nie powiedzie się 30 minut po rozpoczęciu."}, ToBank: "Wróć do banku",
	Paid:     told{"Dziękujemy za płatność", "Sprzedawca został powiadomiony."},
	Pending:  told{"Płatność jest przetwarzana", "Sprzedawca dowie się, gdy tylko się zakończy."},
	Failed:   told{"Płatność nie została wykonana", "Nic nie pobrano. Skontaktuj się ze sprzedawcą."},
	PaidWith: "Zapłacono przez", Process: "Transakcja", Invoice: "Faktura", InvoiceSent: "Ta faktura zostałaby wysłana na adres %s.", InvoiceNumber: "Numer faktury",
	ForTest: "mockbank nie wysyła e-maili.",

	Nothing: told{"Tu niczego nie ma", "Ten adres nie należy do żadnego linku do płatności. Otwórz jeszcze raz ten, który otrzymałeś."},
	Forged:  told{"Ten formularz nie pochodzi stąd", "Otwórz link do płatności jeszcze raz i spróbuj ponownie."},
	Fault:   told{"Coś poszło nie tak", "Spróbuj ponownie za chwilę."},
}
