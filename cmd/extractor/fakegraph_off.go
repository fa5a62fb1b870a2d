//go:build !fakegraph

package main

import (
	"context"
	"errors"

	"decoded.digital/extractor/internal/config"
)

// startFakeGraph is what a build without the fake has; see
// docs/decisions/0011-the-fake-graph-is-behind-a-build-tag.md.
func startFakeGraph(context.Context, *config.Config, string) (page string, stop func(), err error) {
	return "", nil, errors.New("this program was built without the fake Microsoft 365; run: make run FAKE_GRAPH=1")
}
