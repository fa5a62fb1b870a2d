package api_test

import (
	"testing"
)

func TestOnboardNamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	post := func(body string) call {
		return call{method: "POST", path: "/onboard", body: body, header: map[string]string{"X-Setup-Key": setupKey}}
	}
	const valid = `"organizationName":"Acme","firstName":"Jo","lastName":"Doe"`
	s.run(t, map[string]scenario{
		"valid": {
			post(`{` + valid + `,"email":"Jo@Acme.test","allowedDomains":["acme.test"],"apiKeyName":"CI"}`), 201,
			[]string{
				`"message":"Successfully onboarded. Store the API key securely - it won't be shown again."`, `"role":"owner"`,
				`"isExistingUser":false`, `"email":"jo@acme.test"`, `"name":"CI"`, `"allowedDomains":["acme.test"]`, `"expiresAt":null`,
			},
			nil,
		},
		"no setup key":     {call{method: "POST", path: "/onboard", body: "{}"}, 401, []string{"setup key"}, nil},
		"wrong setup key":  {call{method: "POST", path: "/onboard", body: "{}", header: map[string]string{"X-Setup-Key": "x"}}, 401, nil, []string{setupKey}},
		"no organization":  {post(`{"firstName":"Jo","lastName":"Doe","email":"jo@acme.test"}`), 400, []string{"organizationName is required"}, nil},
		"no e-mail":        {post(`{` + valid + `}`), 400, []string{"email is required"}, nil},
		"bad e-mail":       {post(`{` + valid + `,"email":"jo"}`), 400, []string{"Invalid email format"}, nil},
		"display name":     {post(`{` + valid + `,"email":"Jo <jo@acme.test>"}`), 400, []string{"Invalid email format"}, nil},
		"no expiry days":   {post(`{` + valid + `,"email":"jo@acme.test","hasExpiry":true}`), 400, []string{"expiryDays must be"}, nil},
		"too many days":    {post(`{` + valid + `,"email":"jo@acme.test","hasExpiry":true,"expiryDays":366}`), 400, []string{"from 1 to 365"}, nil},
		"no JSON":          {post(`nonsense`), 400, []string{"not valid JSON"}, []string{"invalid character"}},
		"wrong type":       {post(`{"organizationName":5}`), 400, []string{"organizationName must be a string"}, nil},
		"a list, no words": {post(`[]`), 400, nil, nil},
	})
}

func TestOnboardTakesAKnownUserAsItStands(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	first := s.onboard(t, "jo@acme.test")
	body := `{"organizationName":"Second","firstName":"X","lastName":"Y","email":"jo@acme.test"}`
	got := s.do(t, call{method: "POST", path: "/onboard", body: body, header: map[string]string{"X-Setup-Key": setupKey}})
	if got.value(t, "user.isExistingUser") != true || got.text(t, "user.firstName") != "Jo" || got.text(t, "tenant.id") == first.id {
		t.Errorf("got %s", got.body)
	}
}
