.DEFAULT_GOAL := help

TEMPORAL_VERSION := 1.5.1

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

bin/temporal: tools/go.mod tools/go.sum
	@echo "building the Temporal CLI and dev server (once, several minutes)"
	go build -modfile=tools/go.mod -trimpath -o $@ \
		-ldflags '-s -w -X github.com/temporalio/cli/temporalcli.Version=$(TEMPORAL_VERSION)' \
		github.com/temporalio/cli/cmd/temporal

run: bin/temporal ## build what is missing and start the whole product
	@echo "building extractor"
	go build -o bin/extractor ./cmd/extractor
	./bin/extractor dev

test: ## set up and pass every test
	go vet ./...
	go test -race -shuffle=on ./...

.PHONY: help run test
