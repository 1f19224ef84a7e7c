package payone

import "github.com/mockbank/mockbank/internal/pages"

var french = texts{
	Language: "fr-FR",
	Numbers: numbers{
		Point: ",", Group: narrow, GroupsFrom: 4, Symbols: map[string]string{"EUR": "€", "USD": "$US", "GBP": "£GB"},
		Percent: narrow, Day: "02/01/2006",
	},
	Layout: pages.Words{Skip: "Aller au contenu", Test: "Test : pas d’argent réel", Served: "Page servie par mockbank, qui remplace la véritable page."},

	Merchant: "Marchand %s", Title: "Payer %s",
	Order: "Votre commande", Cart: "Panier", Total: "Total", Article: "Réf. %s", VAT: "TVA %s incluse",
	DeliveryFrom: "Livraison à partir du %s", DeliveryUntil: "Livraison jusqu’au %s", DeliveredIn: "Livraison du %s au %s",
	Goods: "Article", Shipment: "Livraison", Handling: "Frais de traitement", Voucher: "Bon d’achat",
	Billing: "Adresse de facturation", Shipping: "Adresse de livraison", Reference: "Référence", ValidUntil: "Valable jusqu’au",

	Method: "Moyen de paiement", Pay: "Exécuter le paiement", Back: "Retour", Debit: "Prélèvement SEPA",
	Cardholder: "Nom sur la carte", CardNumber: "Numéro de carte", CardExpiry: "Expiration", CardCode: "Code CVC",
	ExpiryExample: "MM/AA", CodeHint: "Trois chiffres au verso, ou quatre au recto pour American Express.",
	IBAN: "IBAN", AccountHolder: "Titulaire du compte",
	Mandate: "En payant, vous autorisez le marchand à prélever ce montant une seule fois sur ce compte.",
	Bank:    "Votre banque", Redirect: "Vous allez être redirigé vers %s pour y confirmer le paiement.",
	TestData: "Données de test", Succeeds: "le paiement réussit", DeclinedOnce: "refusée, un nouvel essai est possible", Fails: "le paiement échoue définitivement",
	AsksAtBank: "demande une vérification 3‑D Secure", AnyIBAN: "IBAN valable, le paiement réussit", ReturnedLater: "comme titulaire : rejeté après cinq jours",

	CheckForm: "Veuillez vérifier les champs signalés.", ChooseMethod: "Veuillez choisir un moyen de paiement.", ChooseBank: "Veuillez choisir votre banque.",
	NameNeeded: "Veuillez saisir un nom.", TooLong: "%d caractères au maximum, s’il vous plaît.",
	BadNumber: "Ce numéro de carte est incorrect. Veuillez vérifier votre saisie.", OtherBrand: "Ce numéro n’est pas un numéro %s.",
	BadExpiry: "Veuillez écrire le mois et l’année sous la forme MM/AA.", CardExpired: "Cette carte a expiré.", BadCode: "Le code de sécurité compte %d chiffres.",
	BadIBAN: "Cet IBAN est incorrect. Veuillez vérifier votre saisie.", CardDeclined: "La carte a été refusée. Veuillez en essayer une autre.",

	NotReady:    told{"Ce lien de paiement n’est pas encore complet", "Il pourra être payé dès que le marchand l’aura complété."},
	Expired:     told{"Ce lien de paiement a expiré", "Veuillez en demander un nouveau au marchand."},
	Deactivated: told{"Ce lien de paiement n’est pas actif", "Le marchand l’a désactivé. Veuillez vous adresser à lui."},
	Used:        told{"Ce lien de paiement a déjà été utilisé", "Il ne peut pas être payé une deuxième fois."},
	Continue:    "Continuer", ShowResult: "Voir le résultat",

	Secure: "Votre banque veut s’assurer qu’il s’agit bien de vous (3‑D Secure).", AtBank: "Veuillez autoriser le virement.", AtWallet: "Veuillez confirmer le paiement.",
	BankUser: "Nom d’utilisateur", Approve: "Autoriser", Decline: "Refuser", Cancel: "Annuler",
	Amount: "Montant", To: "Bénéficiaire", Card: "Carte", Account: "Compte",
	UserApproves: "le paiement réussit", UserDeclines: "le paiement est refusé", UserAbandons: "personne ne répond ; échoue après 30 minutes",
	Unanswered: told{"Ce paiement reste sans réponse", "Il échoue 30 minutes après avoir commencé."}, ToBank: "Retour à la banque",
	Paid:     told{"Merci pour votre paiement", "Le marchand a été informé."},
	Pending:  told{"Votre paiement est en cours de traitement", "Le marchand sera informé dès qu’il sera terminé."},
	Failed:   told{"Le paiement n’a pas été effectué", "Rien n’a été débité. Veuillez vous adresser au marchand."},
	PaidWith: "Payé avec", Process: "Transaction", Invoice: "Facture", InvoiceSent: "Cette facture aurait été envoyée à %s.", InvoiceNumber: "Numéro de facture",
	ForTest: "mockbank n’envoie pas d’e-mails.",

	Nothing: told{"Il n’y a rien ici", "Cette adresse n’est pas celle d’un lien de paiement. Veuillez rouvrir celui que vous avez reçu."},
	Forged:  told{"Ce formulaire ne vient pas d’ici", "Veuillez rouvrir le lien de paiement et réessayer."},
	Fault:   told{"Une erreur s’est produite", "Veuillez réessayer dans un instant."},
}
