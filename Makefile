# The only door: people, hooks and CI call these targets. Needs make and python3 >= 3.11.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test coverage simulate calendars documents measure-documents measure-entries fuzz-api mutants faults lint check format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/project.done ## Make the virtual environment from the locked requirements

demo: setup ## Play one month on the local cloud (ARGS="--keep --json")
	@$(BIN)/invoicely demo $(ARGS)

# Three at once, also on two cores: one of them mostly waits for the local cloud.
test: setup ## Run all tests but the faults (ARGS="-k counters" chooses)
	@$(BIN)/pytest --numprocesses 3 --dist loadgroup $(ARGS)

coverage: setup ## Measure which lines the unit and contract tests run; takes twice as long as they do
	@$(BIN)/pytest --numprocesses 2 tests/unit tests/contract $(ARGS) --cov

SEEDS ?= 2000
FROM ?= 0

simulate: setup ## Live through months of faults, decided by seeds (SEEDS=100000 FROM=0)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --from $(FROM) $(ARGS)

calendars: setup ## Hold the invoice days of five years in every time zone to a slow, obvious reference
	@INVOICELY_ALL_ZONES=1 $(BIN)/pytest tests/unit/domain/test_calendars.py $(ARGS)

faults: setup ## Break the local cloud while it works, and prove what is left (ARGS=--short)
	@$(BIN)/pytest -m faults tests/faults tests/e2e/test_demo.py $(ARGS)

EXAMPLES ?= 500

fuzz-api: setup ## Ask the API for whatever its document allows and forbids (EXAMPLES=500 an operation)
	@INVOICELY_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/e2e/test_openapi.py $(ARGS)

mutants: setup ## Take out each guard in turn; the tests must notice (ARGS="-k counters" chooses)
	@$(BIN)/python -m tests.mutants $(ARGS)

documents: setup ## Write sample documents and mails into out/documents, to be looked at (ARGS="-k credit")
	@$(BIN)/python -m tests.gallery $(ARGS)

measure-documents: setup ## Measure what documents cost in CPU and memory, against their budgets
	@$(BIN)/python -m tests.gallery.measuring

ENTRIES ?= 10000

measure-entries: setup ## Bill thousands of entries at once on a local cloud of its own (ENTRIES=10000)
	@$(BIN)/python scripts/measure_entries.py --entries $(ENTRIES)

lint: setup ## Check style, types, import contracts and templates
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/cfn-lint

check: lint test ## Everything that must hold before a commit lands

format: setup ## Rewrite the code in its one style
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

clean: ## Remove everything that make made
	@rm -rf $(VENV) .aws-sam .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build out *.egg-info

# The virtual environment: made again when the lock changes, the project installed again when its metadata do.

PIP := -m pip --quiet --quiet --no-input --disable-pip-version-check

$(VENV)/lock.done: requirements/development.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Invoicely needs Python 3.11 or newer; $(PYTHON) is missing or older. Name another: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "$(PYTHON) cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) from requirements/development.txt (takes a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python $(PIP) install --no-deps --require-hashes --requirement requirements/development.txt
	@touch $@

$(VENV)/project.done: $(VENV)/lock.done pyproject.toml
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# What `sam build` asks for: make build-<Function> ARTIFACTS_DIR=<directory>.

PYTHON_OF_LAMBDA ?= python3.13
SHIPPED := domain events infrastructure handlers
NOT_SHIPPED := infrastructure/local_cloud infrastructure/stacks handlers/cli
FONTS := infrastructure/documents/fonts
ANY_PYTHON = $(or $(wildcard $(BIN)/python),$(PYTHON))

build-%: LOCK = requirements/runtime.txt
build-%: LEFT_OUT = $(NOT_SHIPPED) $(FONTS)
build-Authorize: LOCK = requirements/authorizer.txt
build-DeliverInvoices: LOCK = requirements/documents.txt
build-DeliverInvoices: LEFT_OUT = $(NOT_SHIPPED)

build-%:
	@test -n "$(ARTIFACTS_DIR)" || { echo "Where to? make $@ ARTIFACTS_DIR=<directory>" >&2; exit 1; }
	@mkdir -p "$(ARTIFACTS_DIR)"
	@tar -cf - --exclude __pycache__ $(addprefix --exclude ,$(LEFT_OUT)) $(SHIPPED) | tar -xf - -C "$(ARTIFACTS_DIR)"
	@$(ANY_PYTHON) $(PIP) install --no-deps --require-hashes --requirement $(LOCK) --target "$(ARTIFACTS_DIR)" --upgrade \
	  --only-binary :all: --implementation cp --python-version 3.13 --platform manylinux2014_aarch64 --no-compile
	@rm -rf "$(ARTIFACTS_DIR)/bin"
	@$(ANY_PYTHON) scripts/trim_sdk.py "$(ARTIFACTS_DIR)"
	@if $(PYTHON_OF_LAMBDA) -c '' 2>/dev/null; then \
	  $(PYTHON_OF_LAMBDA) -m compileall -q --invalidation-mode unchecked-hash "$(ARTIFACTS_DIR)"; else \
	  echo "No $(PYTHON_OF_LAMBDA) here, so nothing is compiled ahead: each cold start takes about twice as long" >&2; fi

# The locks: made again from requirements/*.in; the pins stay unless ARGS=--upgrade.

UV := $(VENV)/uv/bin/uv
COMPILE = $(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: ## Lock the requirements with hashes (ARGS=--upgrade)
	@test -x $(UV) || { $(PYTHON) -m venv $(VENV)/uv && $(VENV)/uv/bin/python $(PIP) install uv; }
	@$(COMPILE) $(ARGS) requirements/development.in --output-file requirements/development.txt
	@for shipped in authorizer documents runtime; do \
	  $(COMPILE) --upgrade --constraints requirements/development.txt requirements/$$shipped.in \
	    --output-file requirements/$$shipped.txt || exit 1; done
	@! grep -n ' ; ' requirements/authorizer.txt requirements/documents.txt | grep -v "!= 'PyPy'" || \
	  { echo "A shipped requirement depends on the platform; pip would decide by this machine's, not the function's" >&2; exit 1; }
