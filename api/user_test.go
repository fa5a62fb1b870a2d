package api_test

import (
	"testing"
)

func TestAUserIsCreatedOrAddedOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a, b := s.onboard(t, "jo@acme.test"), s.onboard(t, "al@other.test")
	post := func(as *tenant, email, role string) call {
		return call{method: "POST", path: "/users", as: as, body: `{"firstName":"Eve","lastName":"Fox","email":"` + email + `"` + role + `}`}
	}
	s.run(t, map[string]scenario{
		"new": {post(a, "Eve@Acme.test", `,"role":"admin"`), 201, []string{
			`"message":"User created successfully"`, `"email":"eve@acme.test"`, `"role":"admin"`, `"firstName":"Eve"`,
		}, nil},
		"a member is what it is without a role": {post(a, "max@acme.test", ``), 201, []string{`"role":"member"`}, nil},
		"another organisation's keeps its name": {post(b, "jo@acme.test", ``), 200, []string{
			`"message":"User added to tenant successfully"`, `"firstName":"Jo"`, `"lastName":"Doe"`, `"role":"member"`,
		}, []string{"Eve"}},
		"a member already": {post(a, "JO@acme.test", ``), 409, []string{"User with this email already exists in this tenant"}, nil},
		"unknown role":     {post(a, "x@acme.test", `,"role":"root"`), 400, []string{"role must be"}, nil},
		"bad address":      {post(a, "x", ``), 400, []string{"Invalid email format"}, nil},
	})
	s.run(t, map[string]scenario{
		"it may ask at once": {call{method: "GET", path: "/verify", as: &tenant{key: b.key, email: "jo@acme.test"}}, 200, []string{b.id}, nil},
	})
}

func TestTheFirstUserIsCreatedWithoutOne(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	a.email = ""
	body := `{"firstName":"Eve","lastName":"Fox","email":"eve@acme.test"}`
	s.run(t, map[string]scenario{
		"by the key alone": {call{method: "POST", path: "/users", as: a, body: body}, 201, nil, nil},
		"not the list":     {call{method: "GET", path: "/users", as: a}, 401, []string{"User email is required"}, nil},
	})
}

func TestUsersAreListedAndFound(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.onboard(t, "jo@acme.test")
	s.clock.pass(1e9)
	s.do(t, call{method: "POST", path: "/users", as: a, body: `{"firstName":"Eve","lastName":"Fox_y","email":"eve@acme.test"}`})
	list := func(query string) call { return call{method: "GET", path: "/users" + query, as: a} }
	s.run(t, map[string]scenario{
		"newest first":           {list("?limit=1"), 200, []string{"eve@acme.test", `"totalCount":2`, `"totalPages":2`, `"hasNextPage":true`, `"hasPrevPage":false`}, []string{"jo@acme.test"}},
		"second page":            {list("?limit=1&page=2"), 200, []string{"jo@acme.test", `"role":"owner"`, `"hasNextPage":false`, `"hasPrevPage":true`}, []string{"eve@acme.test"}},
		"by name":                {list("?search=e+FOX"), 200, []string{"eve@acme.test", `"totalCount":1`}, nil},
		"by address":             {list("?search=JO@"), 200, []string{"jo@acme.test", `"totalCount":1`}, nil},
		"a wildcard is a letter": {list("?search=x_y"), 200, []string{"eve@acme.test"}, nil},
		"by nothing":             {list("?search=%25"), 200, []string{`"items":[]`}, nil},
	})
}
