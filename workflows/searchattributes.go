package workflows

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// The search attributes hold ids and enums only: they are not encrypted.
var (
	tenantID         = temporal.NewSearchAttributeKeyKeyword("TenantId")
	extractionStatus = temporal.NewSearchAttributeKeyKeyword("ExtractionStatus")
	templateID       = temporal.NewSearchAttributeKeyKeyword("TemplateId")
	source           = temporal.NewSearchAttributeKeyKeyword("Source")
	failureType      = temporal.NewSearchAttributeKeyKeyword("FailureType")
	uploadedAt       = temporal.NewSearchAttributeKeyTime("UploadedAt")
	pageCount        = temporal.NewSearchAttributeKeyInt64("PageCount")
)

// SearchAttributes is the name and type of every search attribute.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	attributes := map[string]enumspb.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{
		tenantID, extractionStatus, templateID, source, failureType, uploadedAt, pageCount,
	} {
		attributes[key.GetName()] = key.GetValueType()
	}
	return attributes
}

// RegisterSearchAttributes adds those that the namespace lacks. The server
// answers OK where a name exists with another type, so the types are read back.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	want := SearchAttributes()
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: want,
	})
	if err != nil {
		return fmt.Errorf("register the search attributes: %w", err)
	}
	return (&Starter{Client: c, Namespace: namespace}).CheckSearchAttributes(ctx)
}
