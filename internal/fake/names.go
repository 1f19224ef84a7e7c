package fake

// The library has no names of Romania, so these are ours. They are written without diacritics, as account statements
// are. An entry that is added, taken away or moved changes what the same seed tells.

var firstNames = []string{
	"Alexandru", "Ana", "Andrei", "Bogdan", "Carmen", "Catalin", "Cristina", "Daniel", "Diana", "Elena", "Florin", "Gabriela",
	"George", "Ioana", "Ion", "Iulia", "Laura", "Maria", "Mihai", "Monica", "Nicolae", "Oana", "Paul", "Radu", "Raluca",
	"Roxana", "Sorin", "Stefan", "Teodora", "Vlad",
}

var familyNames = []string{
	"Albu", "Barbu", "Constantin", "Cojocaru", "Diaconu", "Dobre", "Dumitru", "Florea", "Georgescu", "Gheorghe", "Iacob",
	"Ionescu", "Lazar", "Lungu", "Manole", "Marin", "Matei", "Moldovan", "Munteanu", "Neagu", "Nistor", "Oprea", "Pavel",
	"Popa", "Popescu", "Radulescu", "Rusu", "Stan", "Stoica", "Tudor", "Ungureanu", "Voicu",
}

var firmNames = []string{
	"Albastru", "Bucegi", "Carpat", "Ceahlau", "Cerna", "Delta", "Dorna", "Faget", "Mures", "Olt", "Orizont", "Panonia",
	"Siret", "Somes", "Timis", "Trotus", "Vrancea", "Zimbrul",
}

var firmTrades = []string{
	"Agro", "Consult", "Construct", "Design", "Distributie", "Impex", "Logistic", "Media", "Mobila", "Proiect", "Servicii",
	"Soft", "Textil", "Trans",
}

var firmForms = []string{"SRL", "SRL", "SRL", "SA"}

var shops = []string{
	"Altex", "Auchan", "Carrefour", "Catena", "Dedeman", "Farmacia Tei", "Kaufland", "La Doi Pasi", "Lidl", "Librarie",
	"Mega Image", "Mol", "OMV Petrom", "Patiserie", "Penny", "Profi", "Restaurant", "Rompetrol",
}

var towns = []string{
	"Arad", "Bacau", "Baia Mare", "Brasov", "Bucuresti", "Cluj-Napoca", "Constanta", "Craiova", "Galati", "Iasi", "Oradea",
	"Pitesti", "Ploiesti", "Sibiu", "Suceava", "Targu Mures", "Timisoara",
}

var utilities = []string{
	"Apa Nova", "Digi", "Electrica Furnizare", "Enel Energie", "Engie", "E.ON Energie", "Hidroelectrica", "Orange", "Vodafone",
}
