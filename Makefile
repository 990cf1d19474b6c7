# Everything a developer does. `make help` lists it; each line is also a command to copy.
# Tools come from scripts/bootstrap, which every target that needs them runs first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory

ENV := . scripts/env
XTASK := cargo run --quiet --package xtask --
BIN = "$${CARGO_TARGET_DIR:-target}/debug/countersign"
CHAOS = "$${CARGO_TARGET_DIR:-target}/debug/chaos"
# Arguments for the server: make run ARGS="--listen 127.0.0.1:8080"
ARGS ?=

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

.PHONY: build
build: ## Build the client (small) and the server
	@$(ENV)
	scripts/bootstrap
	$(ENV)
	$(XTASK) client
	cargo build --package countersign-server

.PHONY: run
run: build ## Build and start Countersign, with its own Postgres and nats-server
	@$(ENV)
	exec $(BIN) serve $(ARGS)

.PHONY: demo
demo: ## Let a fleet of seven work on the server that `make run` started elsewhere
	@$(ENV)
	cargo build --package countersign-server
	exec $(BIN) demo $(ARGS)

.PHONY: watch
watch: ## Daily work: build and run, again after every change
	@scripts/bootstrap
	$(ENV)
	$(XTASK) watch -- $(ARGS)

.PHONY: test
test: ## All tests, the browser's too; ends with "N passed, N failed"
	@scripts/test

.PHONY: chaos
chaos: ## Break it for an hour, with every fault at its figure; writes docs/reliability.md
	@scripts/bootstrap
	$(ENV)
	cargo build --package countersign-server --package countersign-chaos
	exec $(CHAOS) --profile long --out docs/reliability.md $(ARGS)

.PHONY: chaos-ci
chaos-ci: ## The same in at most 8 minutes: make chaos-ci ARGS="--only kills --seed 1"
	@scripts/bootstrap
	$(ENV)
	cargo build --package countersign-server --package countersign-chaos
	exec $(CHAOS) --profile ci $(ARGS)

.PHONY: bench
bench: ## How fast the record takes in what is on the bus, against COPY (release build)
	@scripts/bootstrap
	$(ENV)
	cargo build --release --package countersign-server
	cargo build --package countersign-bench
	exec "$${CARGO_TARGET_DIR:-target}/debug/countersign-bench" --program "$${CARGO_TARGET_DIR:-target}/release/countersign" $(ARGS)

.PHONY: lint
lint: ## Formatting, clippy on both sides, dependencies, generated and deployment files
	@scripts/lint

.PHONY: check
check: ## Quick: does it compile, on both sides?
	@scripts/bootstrap
	$(ENV)
	cargo check --workspace --exclude countersign-frontend --exclude xtask --all-targets
	cargo check --package countersign-frontend --target wasm32-unknown-unknown

.PHONY: sizes
sizes: ## What a browser downloads, against the budget
	@$(ENV)
	$(XTASK) client
	$(XTASK) sizes

.PHONY: docs
docs: ## The crates' documentation, in cargo's target folder
	@$(ENV)
	cargo doc --no-deps --workspace --exclude countersign-frontend --exclude xtask

.PHONY: release
release: ## An optimized server with its site, as the Docker image has it
	@$(ENV)
	scripts/build-release dist
