# The two commands are `make demo` and `make test`; both install what is missing. The rest are their parts.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
LISTEN ?= 127.0.0.1:8080

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: ## build page and program, and start them with the sample registry on 127.0.0.1:8080
	@scripts/demo.sh $(LISTEN)

test: ## everything: format, lints, unit, wasm, integration and browser tests, fuzzing, sizes, licences
	@scripts/install-tools.sh test
	@$(MAKE) --no-print-directory page format lint unit truth wasm size licences fuzz browser

page: ## the page into dist/, ready for any static host
	@scripts/build-page.sh

format:
	cargo fmt --check

lint:
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet --target wasm32-unknown-unknown --lib --bins --test 'wasm_*' -- -D warnings

unit: ## unit, property and integration tests
	cargo test --quiet

truth: ## Helm 3 and Helm 4 judge the verdicts over hundreds of pairs (wants Go; skipped aloud without it)
	@tests/oracle/run.sh

wasm: ## the engine's tests in headless Chromium
	@scripts/test-wasm.sh

size: ## the page's size against its budget
	@node scripts/size-budget.mjs

licences: ## the licences of all dependencies against the list of allowed ones
	@node scripts/licences.mjs

fuzz: ## every parser fed with mutations of its corpus, the same at each run
	@scripts/fuzz.sh

browser: ## what a person does, in Chromium, against real registries
	@scripts/test-browser.sh

bench: ## figures: sizes, time to a verdict, engine time (printed, never asserted)
	@scripts/install-tools.sh test
	@scripts/build-page.sh
	@scripts/bench.sh

clean: ## remove what was built (tools stay)
	rm -rf dist target fuzz/target

.PHONY: help demo test page format lint unit truth wasm size licences fuzz browser bench clean
