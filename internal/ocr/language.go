package ocr

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	enoughWords = 2.0 // words of a language that say that a page is in it
	besideEng   = 0.6 // and how many there must be for each English one
	longWord    = 6   // letters from which a word is looked for inside others: spaces may be lost
)

// commonWords are frequent words of a language, and of its bills, without
// accents: not every reader sees those.
func commonWords(language string) []string {
	return strings.Fields(map[string]string{
		"eng": "the and of to for from with your you this is invoice amount date customer price quantity tax total address street number payment please thank cash change due bill receipt",
		"deu": "der die das und nicht mit von fur auf ist im zum zur bei rechnung rechnungsnummer betrag datum mwst ust gmbh strasse strabe menge preis summe gesamt netto brutto zahlbar kunde kundennummer lieferung lieferdatum steuer artikel stuck bitte wir sie ihre einzelpreis umsatzsteuer",
		"fra": "le la les des du et pour avec sur une est facture montant date client prix designation tva ht ttc adresse rue numero paiement vous nous votre livraison echeance unitaire remise",
		"spa": "el los las del una con para por que es factura importe fecha cliente precio cantidad iva calle numero pago direccion vencimiento descuento empresa gracias",
		"ita": "il lo gli di del della con per una che fattura importo data cliente prezzo quantita iva totale via numero pagamento partita scadenza indirizzo sconto imponibile grazie",
		"nld": "de het een en van met voor op uw wij factuur factuurnummer bedrag datum klant prijs aantal btw totaal straat nummer betaling omschrijving vervaldatum bedankt",
		"pol": "i w z na do od oraz faktura kwota data klient cena ilosc razem ulica ul numer nip sprzedawca nabywca zaplaty wartosc netto brutto termin platnosci nazwa uslugi",
		"por": "os as do da dos das com para uma fatura factura valor data cliente preco quantidade iva rua numero pagamento nif contribuinte vencimento morada obrigado desconto",
	}[language])
}

// guessLanguage is the language beside English that a text seems to be in, of
// those given; empty: none.
func guessLanguage(text string, languages []string) string {
	folded := strings.Map(plain, text)
	words := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	shared := map[string]float64{} // in how many languages a word is common
	for _, language := range languageNames() {
		for _, word := range commonWords(language) {
			shared[word]++
		}
	}
	score := func(language string) float64 {
		sum := 0.0
		for _, word := range commonWords(language) {
			if slices.Contains(words, word) || utf8.RuneCountInString(word) >= longWord && strings.Contains(folded, word) {
				sum += 1 / shared[word]
			}
		}
		return sum
	}
	best, most := "", max(enoughWords, besideEng*score("eng"))
	for _, language := range languages {
		if s := score(language); language != "eng" && s > most {
			best, most = language, s
		}
	}
	return best
}

// chooseLanguages are those that tesseract is to read a text with, which one of
// the readers read before: each more costs a third of its time.
func chooseLanguages(text string, installed []string) []string {
	var out []string
	if guess := guessLanguage(text, installed); guess != "" {
		out = append(out, guess)
	}
	if slices.Contains(installed, "eng") {
		out = append(out, "eng")
	}
	if len(out) == 0 && len(installed) > 0 {
		out = installed[:1]
	}
	return out
}
