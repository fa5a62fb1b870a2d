package api_test

import (
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contract is openapi.yaml, read once. Its answers' schemas are closed, so that
// a field that the contract does not name is an error.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	content, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(content)
	if err != nil {
		return nil, err
	}
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.FileBodyDecoder)
	for _, schema := range doc.Components.Schemas {
		closeSchema(schema, 0)
	}
	return doc, nil
})

var contractRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := contract()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

func closeSchema(ref *openapi3.SchemaRef, depth int) {
	if ref == nil || ref.Value == nil || depth > 6 {
		return
	}
	s := ref.Value
	if len(s.Properties) > 0 && s.AdditionalProperties.Schema == nil && s.AdditionalProperties.Has == nil {
		no := false
		s.AdditionalProperties.Has = &no
	}
	for _, property := range s.Properties {
		closeSchema(property, depth+1)
	}
	closeSchema(s.Items, depth+1)
	for _, one := range s.OneOf {
		closeSchema(one, depth+1)
	}
}

// checkAnswer holds every answer that a test sees against the contract.
func checkAnswer(t testing.TB, request *http.Request, got answer) {
	t.Helper()
	router, err := contractRouter()
	if err != nil {
		t.Fatal(err)
	}
	route, parameters, err := router.FindRoute(request)
	if err != nil {
		return // no operation of the contract
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route},
		Status:                 got.status, Header: got.header, Body: io.NopCloser(strings.NewReader(got.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		t.Errorf("%s %s answered %d against the contract: %v\n%s", request.Method, route.Path, got.status, err, got.body)
	}
}
