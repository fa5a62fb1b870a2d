package engine

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"decoded.digital/extractor/internal/reader"
	"decoded.digital/extractor/models"
)

// element is a node of an invoice's XML, by its local name: the namespaces of
// the many versions say nothing that the names do not.
type element struct {
	name     string
	scheme   string // its schemeID
	text     string
	children []*element
}

// What an XML may have at most: invoices are far smaller.
const (
	maxElements = 200_000
	maxXMLDepth = 60
)

var errXML = errors.New("the XML is too large or too deep")

// parseXML reads elements and their text; a DOCTYPE's entities stay unknown.
func parseXML(content []byte) (*element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := &element{}
	stack := []*element{root}
	for count := 0; ; {
		next, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := next.(type) {
		case xml.StartElement:
			if count++; count > maxElements || len(stack) > maxXMLDepth {
				return nil, errXML
			}
			e := &element{name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Local == "schemeID" {
					e.scheme = a.Value
				}
			}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 1 {
				top.text += string(t)
			}
		}
	}
}

// find is the first element at the end of a path like SellerTradeParty/Name; its
// beginning may stand anywhere below e.
func (e *element) find(path string) *element {
	first, rest, more := strings.Cut(path, "/")
	for _, c := range e.children {
		if c.matches(first) {
			if !more {
				return c
			}
			if found := c.child(rest); found != nil {
				return found
			}
		}
		if found := c.find(path); found != nil {
			return found
		}
	}
	return nil
}

// child is the element at the end of a path of children.
func (e *element) child(path string) *element {
	first, rest, more := strings.Cut(path, "/")
	for _, c := range e.children {
		if !c.matches(first) {
			continue
		}
		if !more {
			return c
		}
		if found := c.child(rest); found != nil {
			return found
		}
	}
	return nil
}

// matches compares a name and, behind an @, the scheme of an identifier.
func (e *element) matches(step string) bool {
	name, scheme, has := strings.Cut(step, "@")
	return e.name == name && (!has || e.scheme == scheme)
}

// all is every element of a name below e.
func (e *element) all(name string) []*element {
	var found []*element
	for _, c := range e.children {
		if c.name == name {
			found = append(found, c)
		} else {
			found = append(found, c.all(name)...)
		}
	}
	return found
}

// first is the text at the first of several paths that has one.
func (e *element) first(paths []string) string {
	for _, p := range paths {
		if found := e.find(p); found != nil {
			if text := strings.TrimSpace(found.text); text != "" {
				return text
			}
		}
	}
	return ""
}

// embeddedInvoice is the invoice data that a PDF carries.
type embeddedInvoice struct {
	root   *element
	paths  map[concept][]string
	lines  []*element
	inLine map[concept][]string
}

// embedded finds the invoice of a document's attachments: CII as Factur-X,
// ZUGFeRD and Order-X have it, or UBL.
func embedded(attachments []reader.Attachment) *embeddedInvoice {
	for _, a := range attachments {
		if len(a.Content) == 0 {
			continue
		}
		root, err := parseXML(a.Content)
		if err != nil || len(root.children) == 0 {
			continue // what is no XML is no invoice; the page still is
		}
		switch top := root.children[0]; top.name {
		case "CrossIndustryInvoice", "CrossIndustryDocument", "SCRDMCCBDACIOMessageStructure":
			return &embeddedInvoice{root: top, paths: ciiPaths(), lines: top.all("IncludedSupplyChainTradeLineItem"), inLine: ciiLinePaths()}
		case "Invoice", "CreditNote", "Order":
			lines := append(append(top.all("InvoiceLine"), top.all("CreditNoteLine")...), top.all("OrderLine")...)
			return &embeddedInvoice{root: top, paths: ublPaths(), lines: lines, inLine: ublLinePaths()}
		}
	}
	return nil
}

// value is what the invoice says of a concept, in a field's type.
func (e *embeddedInvoice) value(c concept, kind models.FieldType) (any, string, bool) {
	text := e.root.first(e.paths[c])
	if c == "seller_address" || c == "buyer_address" {
		text = e.address(c)
	}
	value, ok := embeddedValue(text, kind)
	return value, text, ok
}

// embeddedValue reads the spellings of XML: 20261120, 2026-11-20, 1234.50.
func embeddedValue(text string, kind models.FieldType) (any, bool) {
	switch kind { //nolint:exhaustive // an invoice's XML has no others
	case models.TypeString:
		return text, text != ""
	case models.TypeNumber:
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	case models.TypeDate:
		if len(text) >= 8 && !strings.Contains(text, "-") {
			return calendar(text[:4], text[4:6], text[6:8])
		}
		if len(text) >= 10 {
			return text[:10], isDay(text[:10])
		}
	}
	return nil, false
}

// address joins the lines of a party's address as they are printed.
func (e *embeddedInvoice) address(c concept) string {
	var party *element
	for _, p := range e.paths[c] {
		if party = e.root.find(p); party != nil {
			break
		}
	}
	if party == nil {
		return ""
	}
	get := func(paths ...string) string { return party.first(paths) }
	parts := []string{get("LineTwo"), get("LineThree"), get("LineOne", "StreetName"), get("AdditionalStreetName")}
	if get("LineOne") != "" {
		parts = []string{get("LineOne"), get("LineTwo"), get("LineThree")}
	}
	parts = append(parts, strings.TrimSpace(get("PostcodeCode", "PostalZone")+" "+get("CityName")))
	var text []string
	for _, p := range parts {
		if p != "" {
			text = append(text, p)
		}
	}
	return strings.Join(text, ", ")
}
