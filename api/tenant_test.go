package api_test

import "testing"

func TestATenantSeesItself(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	s.run(t, map[string]scenario{
		"itself": {call{method: "GET", path: "/tenants/" + a.id, as: a}, 200, []string{
			`"name":"jo@acme.test Ltd"`, `"status":"active"`, `"integrations":{"microsoft":{"accounts":[]}}`, `"_id":"` + a.id + `"`,
		}, nil},
		"not another": {call{method: "GET", path: "/tenants/" + a.id, as: b}, 404, []string{"Tenant not found"}, []string{"acme"}},
	})
}
