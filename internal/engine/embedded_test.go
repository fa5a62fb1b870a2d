package engine

import (
	"reflect"
	"strings"
	"testing"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

const cii = `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="a" xmlns:ram="b" xmlns:udt="c">
 <rsm:ExchangedDocument><ram:ID>R-17</ram:ID><ram:IssueDateTime><udt:DateTimeString format="102">20261120</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument>
   <ram:SpecifiedTradeProduct><ram:Name>Paint</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>10.00</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">2.0000</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement><ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>20.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Nagel GmbH</ram:Name>
   <ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>Am Markt 3</ram:LineOne><ram:CityName>Berlin</ram:CityName></ram:PostalTradeAddress>
   <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">1/2/3</ram:ID></ram:SpecifiedTaxRegistration>
   <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE123456788</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement><ram:SpecifiedTradeSettlementHeaderMonetarySummation>
   <ram:TaxBasisTotalAmount>20.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="EUR">3.80</ram:TaxTotalAmount><ram:GrandTotalAmount>23.80</ram:GrandTotalAmount>
  </ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>`

const ubl = `<Invoice xmlns="x" xmlns:cbc="y" xmlns:cac="z"><cbc:ID>R-17</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>
 <cac:AccountingSupplierParty><cac:Party><cac:PostalAddress><cbc:StreetName>Am Markt 3</cbc:StreetName><cbc:CityName>Berlin</cbc:CityName><cbc:PostalZone>10115</cbc:PostalZone></cac:PostalAddress>
  <cac:PartyTaxScheme><cbc:CompanyID>DE123456788</cbc:CompanyID></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Nagel GmbH</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>20.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount>23.80</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity>2</cbc:InvoicedQuantity><cbc:LineExtensionAmount>20.00</cbc:LineExtensionAmount>
  <cac:Item><cbc:Name>Paint</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount>10.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>`

func carrier(xml string, printed ...string) *reader.Document {
	return &reader.Document{
		Pages:       []reader.Page{layout(1, append([]string{"INVOICE"}, printed...)...)},
		Attachments: []reader.Attachment{{Name: "invoice.xml", Size: len(xml), Content: []byte(xml)}},
	}
}

func invoiceTemplate() *models.Document {
	return &models.Document{Name: "Invoice", Fields: []models.Field{
		field("invoice_number", models.TypeString), field("invoice_date", models.TypeDate), field("seller_name", models.TypeString),
		field("seller_address", models.TypeString), field("seller_vat_id", models.TypeString), field("net_total", models.TypeNumber), field("grand_total", models.TypeNumber), linesField(),
	}}
}

func TestTheInvoiceInsideAFileComesFirst(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{"CII": cii, "UBL": ubl} {
		got, err := New().Extract(t.Context(), carrier(xml, "Invoice number: R-17", "Grand total: 99.00"), invoiceTemplate(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"invoice_number": "R-17", "invoice_date": "2026-11-20", "seller_name": "Nagel GmbH", "seller_address": "Am Markt 3, 10115 Berlin",
			"seller_vat_id": "DE123456788", "net_total": 20.0, "grand_total": 23.8,
			"lines": []any{map[string]any{"description": "Paint", "quantity": 2.0, "unit_price": 10.0, "amount": 20.0}},
		}
		if !reflect.DeepEqual(got.Data, want) {
			t.Errorf("%s: got %v", name, got.Data)
		}
		if e := got.Evidence["invoice_number"]; e.Method != models.MethodEmbedded || e.Page != 1 || e.Box == nil {
			t.Errorf("%s: a value that is printed, too, has no place: %+v", name, e)
		}
		failed := ""
		for _, c := range got.Checks {
			if !c.OK && strings.HasPrefix(c.Rule, "embedded") {
				failed += c.Rule
			}
		}
		if failed != "embedded grand_total = printed grand_total" {
			t.Errorf("%s: got checks %+v", name, got.Checks)
		}
	}
}

func TestTheInvoiceInsideAFileCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	got, err := New().Extract(t.Context(), carrier(cii, "Invoice number: R-18"), invoiceTemplate(), Options{IgnoreEmbedded: true})
	if err != nil || got.Data["invoice_number"] != "R-18" || got.Data["grand_total"] != nil {
		t.Errorf("got %v, %v", got.Data, err)
	}
}

func TestABrokenInvoiceInsideAFileIsIgnored(t *testing.T) {
	t.Parallel()
	for name, xml := range map[string]string{
		"no XML": "\x00\x01", "cut off": cii[:len(cii)/2], "another XML": "<a><b/></a>", "deep": strings.Repeat("<Invoice>", 100_000), "empty": "",
		"entities": `<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">]><Invoice><ID>&x;</ID></Invoice>`,
	} {
		got, err := New().Extract(t.Context(), carrier(xml, "Invoice number: R-18"), invoiceTemplate(), Options{})
		if err != nil || got.Data["invoice_number"] != "R-18" {
			t.Errorf("%s: got %v, %v", name, got.Data["invoice_number"], err)
		}
	}
}

func FuzzEmbedded(f *testing.F) {
	f.Add([]byte(cii))
	f.Add([]byte(ubl))
	f.Fuzz(func(t *testing.T, xml []byte) {
		invoice := embedded([]reader.Attachment{{Name: "invoice.xml", Size: len(xml), Content: xml}})
		if invoice == nil {
			return
		}
		for c := range ciiPaths() {
			value, text, ok := invoice.value(c, models.TypeString)
			if ok && value != text {
				t.Errorf("%s: got %v for %q", c, value, text)
			}
		}
	})
}
