.DEFAULT_GOAL := help

TEMPORAL_VERSION := 1.5.1

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

bin/temporal: tools/go.mod tools/go.sum
	@echo "building the Temporal CLI and dev server (once, several minutes)"
	go build -modfile=tools/go.mod -trimpath -o $@ \
		-ldflags '-s -w -X github.com/temporalio/cli/temporalcli.Version=$(TEMPORAL_VERSION)' \
		github.com/temporalio/cli/cmd/temporal

test: ## set up and pass every test
	go vet ./...
	go test -race -shuffle=on ./...

.PHONY: help test
