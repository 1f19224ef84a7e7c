package payone

import "github.com/mockbank/mockbank/internal/pages"

var spanish = texts{
	Language: "es-ES",
	Numbers: numbers{
		Point: ",", Group: ".", GroupsFrom: 5, Symbols: map[string]string{"EUR": "€", "USD": "US$"},
		Percent: space, Day: "02/01/2006",
	},
	Layout: pages.Words{Skip: "Ir al contenido", Test: "Prueba: sin dinero real", Served: "Página servida por mockbank, que sustituye a la real."},

	Merchant: "Comercio %s", Title: "Pagar %s",
	Order: "Su pedido", Cart: "Cesta", Total: "Total", Article: "Art. n.º %s", VAT: "IVA del %s incluido",
	DeliveryFrom: "Entrega a partir del %s", DeliveryUntil: "Entrega hasta el %s", DeliveredIn: "Entrega del %s al %s",
	Goods: "Artículo", Shipment: "Envío", Handling: "Gastos de gestión", Voucher: "Vale",
	Billing: "Dirección de facturación", Shipping: "Dirección de envío", Reference: "Referencia", ValidUntil: "Válido hasta",

	Method: "Forma de pago", Pay: "Ejecutar el pago", Back: "Volver", Debit: "Adeudo directo SEPA",
	Cardholder: "Nombre en la tarjeta", CardNumber: "Número de tarjeta", CardExpiry: "Caducidad", CardCode: "Código CVC",
	ExpiryExample: "MM/AA", CodeHint: "Tres cifras en el reverso, o cuatro en el anverso de American Express.",
	IBAN: "IBAN", AccountHolder: "Titular de la cuenta",
	Mandate: "Al pagar autoriza al comercio a cobrar el importe una sola vez de esta cuenta.",
	Bank:    "Su banco", Redirect: "Se le redirigirá a %s para confirmar allí el pago.",
	TestData: "Datos de prueba", Succeeds: "el pago se realiza", DeclinedOnce: "rechazada, se puede volver a intentar", Fails: "el pago falla definitivamente",
	AsksAtBank: "pide confirmación con 3‑D Secure", AnyIBAN: "IBAN válido, el pago se realiza", ReturnedLater: "como titular: se devuelve a los cinco días",

	CheckForm: "Revise los datos marcados, por favor.", ChooseMethod: "Elija una forma de pago, por favor.", ChooseBank: "Elija su banco, por favor.",
	NameNeeded: "Introduzca un nombre, por favor.", TooLong: "Como máximo %d caracteres, por favor.",
	BadNumber: "Este número de tarjeta no es correcto. Compruebe si hay un error.", OtherBrand: "Este número no es de %s.",
	BadExpiry: "Escriba el mes y el año como MM/AA, por favor.", CardExpired: "Esta tarjeta ha caducado.", BadCode: "El código de seguridad tiene %d cifras.",
	BadIBAN: "Este IBAN no es correcto. Compruebe si hay un error.", CardDeclined: "La tarjeta ha sido rechazada. Pruebe con otra, por favor.",

	NotReady:    told{"Este enlace de pago aún no está completo", "Se podrá pagar cuando el comercio lo haya completado."},
	Expired:     told{"Este enlace de pago ha caducado", "Pida uno nuevo al comercio, por favor."},
	Deactivated: told{"Este enlace de pago no está activo", "El comercio lo ha desactivado. Consulte allí, por favor."},
	Used:        told{"Este enlace de pago ya se ha utilizado", "No se puede pagar por segunda vez."},
	Continue:    "Continuar", ShowResult: "Ver el resultado",

	Secure: "Su banco quiere asegurarse de que es usted (3‑D Secure).", AtBank: "Autorice la transferencia, por favor.", AtWallet: "Confirme el pago, por favor.",
	BankUser: "Usuario", Approve: "Autorizar", Decline: "Rechazar", Cancel: "Cancelar",
	Amount: "Importe", To: "Beneficiario", Card: "Tarjeta", Account: "Cuenta",
	UserApproves: "el pago se realiza", UserDeclines: "el pago se rechaza", UserAbandons: "nadie responde; falla a los 30 minutos",
	Unanswered: told{"Este pago queda sin respuesta", "Falla 30 minutos después de haber empezado."}, ToBank: "Volver al banco",
	Paid:     told{"Gracias por su pago", "Se ha avisado al comercio."},
	Pending:  told{"Su pago se está procesando", "Se avisará al comercio en cuanto haya terminado."},
	Failed:   told{"El pago no se ha realizado", "No se ha cobrado nada. Diríjase al comercio, por favor."},
	PaidWith: "Pagado con", Process: "Operación", Invoice: "Factura", InvoiceSent: "Esta factura se habría enviado a %s.", InvoiceNumber: "Número de factura",
	ForTest: "mockbank no envía correos.",

	Nothing: told{"Aquí no hay nada", "Esta dirección no es la de un enlace de pago. Abra de nuevo el que ha recibido, por favor."},
	Forged:  told{"Este formulario no procede de aquí", "Abra de nuevo el enlace de pago e inténtelo otra vez, por favor."},
	Fault:   told{"Algo ha fallado", "Inténtelo de nuevo dentro de un momento, por favor."},
}
