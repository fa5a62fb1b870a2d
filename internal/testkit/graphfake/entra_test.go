package graphfake_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// TestMicrosoftsOwnLibraryGetsATokenUnderMicrosoftsOwnAddresses shows that the fake speaks Entra's
// protocol as its own client expects it.
func TestMicrosoftsOwnLibraryGetsATokenUnderMicrosoftsOwnAddresses(t *testing.T) {
	t.Parallel()
	s := graphfake.New(graphfake.Options{RealHosts: true})
	t.Cleanup(s.Close)
	s.AddMailbox(user, "u1@acme.test")
	client := &http.Client{Transport: s.Transport()}
	credential, err := azidentity.NewClientSecretCredential(graphfake.TenantID, "client", "secret", &azidentity.ClientSecretCredentialOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud: cloud.AzurePublic, Transport: client,
		},
		DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://graph.microsoft.com/.default"}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{Server: s, t: t, token: token.Token, client: client}
	if a := b.ask(http.MethodGet, "/users/u1", ""); a.status != 200 || a.body["mail"] != "u1@acme.test" {
		t.Errorf("a mailbox by the application's token: %d %s", a.status, a.text)
	}
	if a := b.get("/users/u1/mailFolders?$top=1"); !strings.HasPrefix(a.link(), "https://graph.microsoft.com/v1.0/") {
		t.Errorf("the next page: %s", a.link())
	}
	if a := b.ask(http.MethodGet, "/me", ""); a.status != 400 {
		t.Errorf("/me by the application's token: %d", a.status)
	}
}
