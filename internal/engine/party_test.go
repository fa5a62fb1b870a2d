package engine

import (
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

func partyFields() []models.Field {
	return []models.Field{
		{Key: "seller_name", Type: models.TypeString, Description: "Name of the seller"},
		{Key: "seller_address", Type: models.TypeString, Description: "Postal address of the seller"},
		{Key: "buyer_name", Type: models.TypeString, Description: "Name of the customer"},
		{Key: "buyer_address", Type: models.TypeString, Description: "Postal address of the customer"},
		{Key: "seller_vat_id", Type: models.TypeString, Description: "VAT number of the seller"},
	}
}

func wantValues(t *testing.T, got Result, want map[string]any) {
	t.Helper()
	for key, value := range want {
		if got.Data[key] != value {
			t.Errorf("%s: got %v, want %v (%+v)", key, got.Data[key], value, got.Evidence[key])
		}
	}
}

func TestPartiesAreReadUnderTheirHeadings(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"RECHNUNG Nr. 17 vom 20.11.2026",
		"",
		"Verkäufer:                              Käufer:",
		"Nummer: 4711                            Kunde & Söhne AG",
		"Nagel GmbH                              Hafenweg 7",
		"Am Markt 3                              DE 20095 Hamburg",
		"DE 10115 Berlin",
		"USt-IdNr.: DE123456788",
		"",
		"Nettobetrag                             10,00",
	)
	wantValues(t, extract(t, []reader.Page{page}, partyFields()...), map[string]any{
		"seller_name": "Nagel GmbH", "seller_address": "Am Markt 3, 10115 Berlin", "seller_vat_id": "DE123456788",
		"buyer_name": "Kunde & Söhne AG", "buyer_address": "Hafenweg 7, 20095 Hamburg",
	})
}

func TestALettersPartiesAreToldByFormAndPlace(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"", "", "", "",
		"Nagel GmbH - Am Markt 3 - 10115 Berlin",
		"",
		"Herrn",
		"Max Muster",
		"Hafenweg 7",
		"20095 Hamburg",
		"", "",
		"Rechnung Nr. 17",
		"Gesamtbetrag   11,90 EUR",
	)
	wantValues(t, extract(t, []reader.Page{page}, partyFields()...), map[string]any{
		"seller_name": "Nagel GmbH", "seller_address": "Am Markt 3, 10115 Berlin", "buyer_name": "Herrn Max Muster", "buyer_address": "Hafenweg 7, 20095 Hamburg",
	})
}

func TestTheSendersLineIsNoneOfTheAddressee(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"", "", "", "",
		"Nagel GmbH - Am Markt 3 - 10115 Berlin",
		"Hammer AG",
		"Max Muster",
		"Hafenweg 7",
		"20095 Hamburg",
		"", "",
		"Rechnung Nr. 17",
	)
	wantValues(t, extract(t, []reader.Page{page}, partyFields()...), map[string]any{"seller_name": "Nagel GmbH", "buyer_name": "Hammer AG"})
}

func TestAnArticleIsNoLineOfAReceiptsAddress(t *testing.T) {
	t.Parallel()
	page := layout(1, "CORNER SHOP SDN BHD", "NO. 12, JALAN MELATI 3", "TAMAN SERI, 43200 CHERAS", "PAINT, WHITE    19.90", "BRUSH            4.60", "TOTAL           24.50")
	page.Scanned = true
	got := extract(t, []reader.Page{page}, models.Field{Key: "address", Type: models.TypeString, Description: "Address of the company"},
		models.Field{Key: "company", Type: models.TypeString, Description: "Name of the company that issued the receipt"},
		models.Field{Key: "total", Type: models.TypeNumber, Description: "Final total"})
	wantValues(t, got, map[string]any{"address": "NO. 12, JALAN MELATI 3, TAMAN SERI, 43200 CHERAS"})
}

func TestAReceiptsCompanyStandsAtItsTop(t *testing.T) {
	t.Parallel()
	page := layout(1,
		"CORNER SHOP SDN BHD (123456-A)",
		"LOT 5, JALAN BUKIT 2,",
		"TAMAN INDAH,",
		"43000 KAJANG, SELANGOR",
		"TEL: 03-1234567",
		"TAX INVOICE",
		"03/04/2018 14:05",
		"MILK            2.50",
		"BREAD           3.00",
		"TOTAL           5.50",
		"CASH           10.00",
		"CHANGE          4.50",
	)
	page.Scanned = true
	got := extract(t, []reader.Page{page},
		models.Field{Key: "company", Type: models.TypeString, Description: "Name of the company that issued the receipt"},
		models.Field{Key: "address", Type: models.TypeString, Description: "Address of the company"},
		models.Field{Key: "date", Type: models.TypeDate, Description: "Date of the receipt"},
		models.Field{Key: "total", Type: models.TypeNumber, Description: "Final total"})
	wantValues(t, got, map[string]any{
		"company": "CORNER SHOP SDN BHD", "address": "LOT 5, JALAN BUKIT 2, TAMAN INDAH, 43000 KAJANG, SELANGOR", "date": "2018-04-03", "total": 5.5,
	})
}

func TestTheEndOfAnAddressIsReadInManyCountries(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]place{
		"80333 München":              {zip: "80333", city: "München"},
		"D-63571 Gelnhausen":         {zip: "63571", city: "Gelnhausen"},
		"3012 CN Rotterdam":          {zip: "3012 CN", city: "Rotterdam"},
		"00-925 Warszawa":            {zip: "00-925", city: "Warszawa"},
		"New Haven, CT 06520-8283":   {zip: "06520-8283", city: "New Haven"},
		"London SW1A 1AA":            {zip: "SW1A 1AA", city: "London"},
		"1100-148 Lisboa":            {zip: "1100-148", city: "Lisboa"},
		"43300 SERI KEMBANGAN, SEL.": {zip: "43300", city: "SERI KEMBANGAN"},
		"1400 Centre Ave":            {},
		"20 Stk":                     {},
		"2014 January":               {},
		"Total 12345":                {},
	} {
		got, ok := placeOf(text)
		if ok != (want.zip != "") || got.zip != want.zip || got.city != want.city {
			t.Errorf("placeOf(%q) = %+v, %v", text, got, ok)
		}
	}
}
