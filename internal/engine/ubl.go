package engine

// ublPaths says where an invoice or credit note of OASIS UBL 2.1 has each
// business term.
func ublPaths() map[concept][]string {
	supplier, customer := "AccountingSupplierParty/Party/", "AccountingCustomerParty/Party/"
	return map[concept][]string{
		"document_number":      {"ID"},
		"document_date":        {"IssueDate"},
		"due_date":             {"DueDate", "PaymentMeans/PaymentDueDate"},
		"delivery_date":        {"Delivery/ActualDeliveryDate"},
		"seller_name":          {supplier + "PartyLegalEntity/RegistrationName", supplier + "PartyName/Name"},
		"buyer_name":           {customer + "PartyLegalEntity/RegistrationName", customer + "PartyName/Name"},
		"payee_name":           {"PayeeParty/PartyName/Name"},
		"seller_address":       {supplier + "PostalAddress"},
		"buyer_address":        {customer + "PostalAddress"},
		"seller_street":        {supplier + "PostalAddress/StreetName"},
		"seller_zip":           {supplier + "PostalAddress/PostalZone"},
		"seller_city":          {supplier + "PostalAddress/CityName"},
		"seller_vat_id":        {supplier + "PartyTaxScheme/CompanyID"},
		"company_registration": {supplier + "PartyLegalEntity/CompanyID"},
		"email":                {supplier + "Contact/ElectronicMail"},
		"phone":                {supplier + "Contact/Telephone"},
		"customer_number":      {"BuyerReference", customer + "PartyIdentification/ID"},
		"order_number":         {"OrderReference/ID"},
		"contract_number":      {"ContractDocumentReference/ID"},
		"delivery_note":        {"DespatchDocumentReference/ID"},
		"currency":             {"DocumentCurrencyCode"},
		"iban":                 {"PaymentMeans/PayeeFinancialAccount/ID"},
		"bic":                  {"PayeeFinancialAccount/FinancialInstitutionBranch/ID"},
		"payment_terms":        {"PaymentTerms/Note"},
		"net_total":            {"LegalMonetaryTotal/TaxExclusiveAmount"},
		"tax_total":            {"TaxTotal/TaxAmount"},
		"grand_total":          {"LegalMonetaryTotal/TaxInclusiveAmount"},
		"amount_due":           {"LegalMonetaryTotal/PayableAmount"},
		"prepaid_amount":       {"LegalMonetaryTotal/PrepaidAmount"},
		"line_sum":             {"LegalMonetaryTotal/LineExtensionAmount"},
		"charge_total":         {"LegalMonetaryTotal/ChargeTotalAmount"},
		"discount_total":       {"LegalMonetaryTotal/AllowanceTotalAmount"},
	}
}

// ublLinePaths is the same for one line of it.
func ublLinePaths() map[concept][]string {
	return map[concept][]string{
		"line_position":      {"ID"},
		"item_number":        {"Item/SellersItemIdentification/ID"},
		"buyer_item_number":  {"Item/BuyersItemIdentification/ID"},
		"global_item_number": {"Item/StandardItemIdentification/ID"},
		"item_description":   {"Item/Name"},
		"quantity":           {"InvoicedQuantity", "CreditedQuantity", "Quantity"},
		"unit_price":         {"Price/PriceAmount"},
		"line_total":         {"LineExtensionAmount"},
		"tax_rate":           {"Item/ClassifiedTaxCategory/Percent"},
	}
}
