.DEFAULT_GOAL := help
SHELL := /bin/bash

TEMPORAL_VERSION := 1.5.1
TOOL := go tool -modfile=tools/go.mod
FUZZ_TIME := 30s
CONTRACT := go tool -modfile=tools/contract/go.mod oasdiff

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

# FAKE_GRAPH=1 plays Microsoft 365 on this machine, for mailboxes to connect.
run: GO_TAGS := $(if $(FAKE_GRAPH),fakegraph)
run: bin/temporal build ## build what is missing and start the whole product
	@tools/ocr.sh || echo "pictures are read with what is there" >&2
	@exec ./bin/extractor dev $(if $(FAKE_GRAPH),--fake-graph)

CACHE := $(CURDIR)/data/cache

build: web ## build the program, and compile once what reads PDFs
	@tools/progress.sh "building extractor" go build -v -tags '$(GO_TAGS)' -o bin/extractor ./cmd/extractor
	@EXTRACTOR_READER_CACHE=$(CACHE) TMPDIR=$(CACHE)/tmp ./bin/extractor reader < /dev/null > /dev/null

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.go')

web: web/dist/index.html ## build the pages that hosts embed, where their sources changed

web/dist/index.html: web/node_modules $(WEB_SOURCES)
	@tools/progress.sh "building the pages" npm run build --prefix web
	@touch $@

web/node_modules: web/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }
	@tools/progress.sh "installing what the pages are made of" npm ci --prefix web --no-audit --no-fund --ignore-scripts
	@touch $@

test: check test-parts ## set up and pass every test
	@tools/progress.sh "compiling the tests" go test -race -run '^$$' -v ./...
	go test -race -shuffle=on -timeout 40m ./...
	@cat bin/chaos-*.txt
	@$(MAKE) --no-print-directory fuzz

test-parts: bin/temporal tools/node_modules
	@tools/setup.sh initdb postgresql
	@tools/setup.sh curl curl
	@tools/setup.sh chromium chromium
	@tools/setup.sh pgrep procps
	@tools/ocr.sh
	@$(MAKE) --no-print-directory build CACHE=$(CURDIR)/bin/test-cache

check: bin/golangci-lint ## every check of the code
	@test -z "$$($(TOOL) gofumpt -l . | tee /dev/stderr)" || { echo "run: make format"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) workflowcheck ./workflows/...
	@test -z "$$($(TOOL) deadcode ./cmd/... | tee /dev/stderr)"
	bin/golangci-lint run
	$(CONTRACT) validate --fail-on WARN api/openapi.yaml
	$(CONTRACT) breaking --fail-on WARN api/released/openapi.yaml api/openapi.yaml

# Go spends a minute to shorten each input that it finds interesting, and takes the end of its time amid that for a failure.
fuzz: ## send hostile input to every parser, FUZZ_TIME each
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$file); do \
			echo "$$target, $(FUZZ_TIME)"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 10x ./$$(dirname $$file) > bin/fuzz.log 2>&1 || { cat bin/fuzz.log; exit 1; }; \
			tail -n 1 bin/fuzz.log; \
		done || exit 1; \
	done

chaos: test-parts ## kill every part at random under load; CHAOS_SEED=N repeats a run's order
	CHAOS_LONG=1 go test -count=1 -timeout 30m -v -run '^TestChaos' ./tests

generate: tools/node_modules ## write what is generated from the contract again
	go generate ./api

bench: test-parts ## measure, as docs/performance.md has it
	go test -run '^$$' -bench . -benchtime 20x -timeout 90m -p 1 ./internal/store ./api ./tests ./internal/reader/parse
	MALLOC_ARENA_MAX=1 go test -run '^$$' -bench . -benchtime 20x -timeout 60m ./internal/ocr

ocr: ## fetch and install the readers of pictures
	@tools/ocr.sh

eval: build ## measure accuracy on the corpora in the folder EXTRACTOR_CORPORA, as docs/accuracy.md has it
	@test -f "$(EXTRACTOR_CORPORA)/score.py" || { echo "set EXTRACTOR_CORPORA to the folder of the corpora, which holds score.py and a folder for each" >&2; exit 1; }
	@mkdir -p bin/eval
	@for corpus in "$(EXTRACTOR_CORPORA)"/*/labels.jsonl; do \
		name=$$(basename "$$(dirname "$$corpus")"); \
		tools/progress.sh "reading $$name" ./bin/extractor eval --corpus "$$(dirname "$$corpus")" --out "bin/eval/$$name.jsonl" --pages bin/eval/pages || exit 1; \
	done
	@python3 tools/accuracy.py "$(EXTRACTOR_CORPORA)" bin/eval

format: ## format the code
	$(TOOL) gofumpt -w .

bin/temporal: tools/go.mod tools/go.sum
	@tools/progress.sh "building the Temporal dev server (once, a few minutes)" \
		go build -v -modfile=tools/go.mod -trimpath -o $@ \
		-ldflags '-s -w -X github.com/temporalio/cli/temporalcli.Version=$(TEMPORAL_VERSION)' \
		github.com/temporalio/cli/cmd/temporal

bin/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	@tools/progress.sh "building golangci-lint (once, a few minutes)" \
		go build -v -modfile=tools/lint/go.mod -trimpath -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

tools/node_modules: tools/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }
	@tools/progress.sh "installing Azurite and what the contract needs" npm ci --prefix tools --no-audit --no-fund --ignore-scripts
	@touch $@

.PHONY: help run build web test test-parts check format bench chaos fuzz generate ocr eval
