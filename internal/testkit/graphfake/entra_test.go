package graphfake_test

import (
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"decoded.digital/extractor/internal/testkit/graphfake"
)

// TestMicrosoftsOwnLibraryGetsATokenOverTLS shows that the fake speaks Entra's
// protocol as its own client expects it.
func TestMicrosoftsOwnLibraryGetsATokenOverTLS(t *testing.T) {
	t.Parallel()
	s := graphfake.New(graphfake.Options{TLS: true})
	t.Cleanup(s.Close)
	s.AddMailbox(user, "u1@acme.test")
	credential, err := azidentity.NewClientSecretCredential(graphfake.TenantID, "client", "secret", &azidentity.ClientSecretCredentialOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: s.URL}, Transport: s.HTTP.Client(),
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
	b := &bundle{Server: s, t: t, token: token.Token}
	if a := b.ask(http.MethodGet, "/users/u1", ""); a.status != 200 || a.body["mail"] != "u1@acme.test" {
		t.Errorf("a mailbox by the application's token: %d %s", a.status, a.text)
	}
	if a := b.ask(http.MethodGet, "/me", ""); a.status != 400 {
		t.Errorf("/me by the application's token: %d", a.status)
	}
}
