package engine

// ciiPaths says where UN/CEFACT's Cross Industry Invoice, in the versions of
// ZUGFeRD 1 and of EN 16931, has each business term.
func ciiPaths() map[concept][]string {
	return map[concept][]string{
		"document_number":      {"ExchangedDocument/ID", "HeaderExchangedDocument/ID"},
		"document_date":        {"ExchangedDocument/IssueDateTime/DateTimeString", "HeaderExchangedDocument/IssueDateTime/DateTimeString"},
		"due_date":             {"SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"},
		"delivery_date":        {"ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString"},
		"seller_name":          {"SellerTradeParty/Name"},
		"buyer_name":           {"BuyerTradeParty/Name"},
		"ship_to_name":         {"ShipToTradeParty/Name"},
		"payee_name":           {"PayeeTradeParty/Name"},
		"seller_address":       {"SellerTradeParty/PostalTradeAddress"},
		"buyer_address":        {"BuyerTradeParty/PostalTradeAddress"},
		"seller_street":        {"SellerTradeParty/PostalTradeAddress/LineOne"},
		"seller_zip":           {"SellerTradeParty/PostalTradeAddress/PostcodeCode"},
		"seller_city":          {"SellerTradeParty/PostalTradeAddress/CityName"},
		"seller_vat_id":        {"SellerTradeParty/SpecifiedTaxRegistration/ID@VA"},
		"tax_number":           {"SellerTradeParty/SpecifiedTaxRegistration/ID@FC"},
		"company_registration": {"SellerTradeParty/SpecifiedLegalOrganization/ID"},
		"email":                {"SellerTradeParty/DefinedTradeContact/EmailURIUniversalCommunication/URIID"},
		"phone":                {"SellerTradeParty/DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber"},
		"customer_number":      {"ApplicableHeaderTradeAgreement/BuyerReference", "ApplicableSupplyChainTradeAgreement/BuyerReference", "BuyerTradeParty/ID"},
		"order_number":         {"BuyerOrderReferencedDocument/IssuerAssignedID", "BuyerOrderReferencedDocument/ID"},
		"order_date":           {"BuyerOrderReferencedDocument/FormattedIssueDateTime/DateTimeString", "BuyerOrderReferencedDocument/IssueDateTime/DateTimeString"},
		"contract_number":      {"ContractReferencedDocument/IssuerAssignedID", "ContractReferencedDocument/ID"},
		"delivery_note":        {"DespatchAdviceReferencedDocument/IssuerAssignedID", "DeliveryNoteReferencedDocument/ID"},
		"currency":             {"InvoiceCurrencyCode", "OrderCurrencyCode"},
		"iban":                 {"PayeePartyCreditorFinancialAccount/IBANID"},
		"bic":                  {"PayeeSpecifiedCreditorFinancialInstitution/BICID"},
		"payment_method":       {"SpecifiedTradeSettlementPaymentMeans/Information"},
		"payment_terms":        {"SpecifiedTradePaymentTerms/Description"},
		"net_total":            {"SpecifiedTradeSettlementHeaderMonetarySummation/TaxBasisTotalAmount", "SpecifiedTradeSettlementMonetarySummation/TaxBasisTotalAmount"},
		"tax_total":            {"SpecifiedTradeSettlementHeaderMonetarySummation/TaxTotalAmount", "SpecifiedTradeSettlementMonetarySummation/TaxTotalAmount"},
		"grand_total":          {"SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount", "SpecifiedTradeSettlementMonetarySummation/GrandTotalAmount"},
		"amount_due":           {"SpecifiedTradeSettlementHeaderMonetarySummation/DuePayableAmount", "SpecifiedTradeSettlementMonetarySummation/DuePayableAmount"},
		"prepaid_amount":       {"SpecifiedTradeSettlementHeaderMonetarySummation/TotalPrepaidAmount", "SpecifiedTradeSettlementMonetarySummation/TotalPrepaidAmount"},
		"line_sum":             {"SpecifiedTradeSettlementHeaderMonetarySummation/LineTotalAmount", "SpecifiedTradeSettlementMonetarySummation/LineTotalAmount"},
		"charge_total":         {"SpecifiedTradeSettlementHeaderMonetarySummation/ChargeTotalAmount", "SpecifiedTradeSettlementMonetarySummation/ChargeTotalAmount"},
		"discount_total":       {"SpecifiedTradeSettlementHeaderMonetarySummation/AllowanceTotalAmount", "SpecifiedTradeSettlementMonetarySummation/AllowanceTotalAmount"},
	}
}

// ciiLinePaths is the same for one line of it.
func ciiLinePaths() map[concept][]string {
	return map[concept][]string{
		"line_position":      {"AssociatedDocumentLineDocument/LineID"},
		"item_number":        {"SpecifiedTradeProduct/SellerAssignedID"},
		"buyer_item_number":  {"SpecifiedTradeProduct/BuyerAssignedID"},
		"global_item_number": {"SpecifiedTradeProduct/GlobalID"},
		"item_description":   {"SpecifiedTradeProduct/Name"},
		"quantity":           {"BilledQuantity", "RequestedQuantity"},
		"unit_price":         {"NetPriceProductTradePrice/ChargeAmount"},
		"line_total":         {"SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount", "SpecifiedTradeSettlementMonetarySummation/LineTotalAmount"},
		"tax_rate":           {"ApplicableTradeTax/RateApplicablePercent", "ApplicableTradeTax/ApplicablePercent"},
	}
}
