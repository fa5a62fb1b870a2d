package api_test

import (
	"errors"
	"testing"
)

func TestHealthIsLifeAndReadinessIsParts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	health, ready := call{method: "GET", path: "//healthz"}, call{method: "GET", path: "//readyz"}
	s.run(t, map[string]scenario{
		"alive": {health, 200, []string{`"status":"ok"`}, nil},
		"ready": {ready, 200, []string{`"status":"ready"`}, nil},
	})
	s.optional = errors.New("not installed")
	s.run(t, map[string]scenario{"ready with less": {ready, 200, []string{`"status":"ready"`, `"missing":"what reads pictures"`}, nil}})
	s.probe = errors.New("connection refused by 10.0.0.5")
	s.run(t, map[string]scenario{
		"alive without": {health, 200, nil, nil},
		"not ready":     {ready, 503, []string{"the database is not there"}, []string{"10.0.0.5"}},
	})
}
