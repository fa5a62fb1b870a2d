package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"decoded.digital/extractor/internal/testkit"
)

// operation is one of the contract, with a request that it takes.
type operation struct {
	*openapi3.Operation
	method, path string // the path with its {id}
	parameters   openapi3.Parameters
	id           string // what the path's {id} is
	deliveryID   string // what the path's {deliveryId} is
	messageID    string // what the path's {messageId} is
	body         string // JSON; empty where it has none
	multipart    bool
}

func (o operation) at(id string) string {
	return strings.TrimPrefix(strings.NewReplacer("{id}", id, "{deliveryId}", o.deliveryID, "{messageId}", o.messageID).Replace(o.path), "/api/embed")
}

// atWith is the operation's path with another value of one of its parameters.
func (o operation) atWith(parameter, value string) string {
	switch parameter {
	case "deliveryId":
		o.deliveryID = value
	case "messageId":
		o.messageID = value
	default:
		return o.at(value)
	}
	return o.at(o.id)
}

// world is a tenant that has one of everything, on Postgres: SQLite takes
// values that Postgres refuses.
type world struct {
	*server
	*tenant
	database string
	ids      map[string]string // by the first part of the path
}

// TestContract runs what goes through every operation of the contract.
func TestContract(t *testing.T) {
	t.Parallel()
	postgres := testkit.StartPostgres(t)
	for name, test := range map[string]func(*testing.T, *world){
		"every operation takes a valid request": testEveryOperationTakesAValidRequest,
		"another tenant's ids are not found":    testAnotherTenantsIDsAreNotFound,
		"bad fields are named":                  testBadFieldsAreNamed,
		"bad bodies are refused":                testBadBodiesAreRefused,
		"bad parameters are named":              testBadParametersAreNamed,
		"unknown routes and methods are told":   testUnknownRoutesAndMethodsAreTold,
		"nobody gets in without a key":          testNobodyGetsInWithoutAKey,
		"damaged uploads are refused":           testDamagedUploadsAreRefused,
		"an endless upload ends":                testAnEndlessUploadEnds,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{database: postgres.NewDatabase(t)}
			w.server = newServerOn(t, w.database, offerMail(t))
			w.tenant = w.onboard(t, "jo@acme.test")
			w.ids = w.makeAll(t, w.tenant)
			test(t, w)
		})
	}
}

// makeAll makes one of everything for a tenant.
func (s *server) makeAll(t *testing.T, as *tenant) map[string]string {
	t.Helper()
	extraction := s.extraction(t, as)
	s.fail(t, extraction)
	file := s.uploadTo(t, "/files", as, "kept.pdf", sample(t))
	hook := s.do(t, call{method: "POST", path: "/webhooks", as: as, body: `{"name":"hook","url":"https://hooks.test"}`})
	delivery := s.do(t, call{method: "POST", path: "/webhooks/" + hook.text(t, "id") + "/test", as: as})
	s.deliver(t, delivery.text(t, "id"))
	key := s.do(t, call{method: "POST", path: "/api-keys", as: as, body: `{"name":"second"}`})
	for _, made := range []answer{file, hook, delivery, key} {
		if made.status >= 300 {
			t.Fatalf("%d %s", made.status, made.body)
		}
	}
	connection, box, message := s.mailbox(t, as)
	return map[string]string{
		"connections": connection, "mailboxes": box, "messages": message,
		"tenants": as.id, "extractions": extraction, "documents": s.document(t, as), "files": file.text(t, "id"),
		"webhooks": hook.text(t, "id"), "deliveries": delivery.text(t, "id"), "api-keys": key.text(t, "id"),
	}
}

// operations are the contract's, each with a valid request of this world.
func (w *world) operations(t *testing.T) []operation {
	t.Helper()
	bodies := map[string]string{
		"onboard": `{"organizationName":"O","firstName":"F","lastName":"L","email":"new@acme.test","apiKeyName":"k",` +
			`"allowedDomains":["acme.test"],"hasExpiry":true,"expiryDays":9,"appName":"app"}`,
		"createSession":  `{"origin":"https://app.acme.test"}`,
		"createUser":     `{"firstName":"F","lastName":"L","email":"other@acme.test","role":"member"}`,
		"createDocument": invoiceBody,
		"updateDocument": invoiceBody,
		"extractFile":    `{"documentId":"` + w.ids["documents"] + `"}`,
		"createWebhook":  `{"name":"n","url":"https://x.test","scope":"selected","documentIds":["` + w.ids["documents"] + `"]}`,
		"updateWebhook":  `{"name":"n","url":"https://x.test","isActive":true,"scope":"selected","documentIds":["` + w.ids["documents"] + `"]}`,
		"replayWebhook":  `{"what":"missing","since":"2026-11-24T00:00:00Z"}`,
		"createAPIKey":   `{"name":"n","expiresAt":"2027-06-30T00:00:00Z","allowedDomains":["acme.test"]}`,
		"updateAPIKey":   `{"name":"n","isActive":true,"expiresAt":"2027-06-30T00:00:00Z","allowedDomains":["acme.test"]}`,
	}
	for id, body := range w.mailBodies() {
		bodies[id] = body
	}
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	var list []operation
	for path, item := range doc.Paths.Map() {
		if strings.HasPrefix(path, "/api/microsoft/") {
			continue // Microsoft's, with tests of their own
		}
		for method, op := range item.Operations() {
			o := operation{Operation: op, method: method, path: path, parameters: append(item.Parameters, op.Parameters...), body: bodies[op.OperationID]}
			o.id, o.deliveryID = w.ids[strings.Split(path, "/")[3]], w.ids["deliveries"]
			o.messageID = w.ids["messages"]
			if op.RequestBody != nil {
				o.multipart = op.RequestBody.Value.Content["multipart/form-data"] != nil
				if o.body == "" && !o.multipart {
					t.Fatalf("%s has no valid body here", op.OperationID)
				}
			}
			list = append(list, o)
		}
	}
	return list
}

// call is the operation's valid request, as JSON or without a body.
func (w *world) call(o operation) call {
	c := call{method: o.method, path: o.at(o.id), as: w.tenant, body: o.body}
	if o.OperationID == "onboard" {
		c.as, c.header = nil, map[string]string{"X-Setup-Key": setupKey}
	}
	return c
}

func testEveryOperationTakesAValidRequest(t *testing.T, w *world) {
	t.Helper()
	for _, o := range w.operations(t) {
		if o.multipart || o.method == http.MethodDelete || o.OperationID == "getFileContent" || o.OperationID == "streamExtraction" {
			continue // have tests of their own
		}
		if got := w.do(t, w.call(o)); got.status >= 300 {
			t.Errorf("%s: %d %s", o.OperationID, got.status, got.body)
		}
	}
}
