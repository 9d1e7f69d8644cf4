# Everything happens in .venv of this checkout; `make setup` builds it and is cheap the second time.
# Needs: Python 3.11 or newer with its venv module, make, and a package registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
PROJECTS := pyproject.toml $(addsuffix /pyproject.toml,$(PLUGINS))
EDITABLE := -e . $(addprefix -e ,$(PLUGINS))
PYTEST_ARGS ?=
WORKERS ?= 2

# uv does not read pip's configuration; a registry or certificate that is set there counts for both.
PIP_SETTING = $$($(BIN)/python -m pip config get $(1) 2>/dev/null || true)
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
define UV_SETTINGS
index="$${UV_DEFAULT_INDEX:-$${UV_INDEX_URL:-$${PIP_INDEX_URL:-$(call PIP_SETTING,global.index-url)}}}"; \
cert="$${SSL_CERT_FILE:-$${PIP_CERT:-$(call PIP_SETTING,global.cert)}}"; \
if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
if [ -n "$$cert" ]; then export SSL_CERT_FILE="$$cert"; fi
endef

.PHONY: help setup demo test lint format faults bench docs api lock build clean
.DEFAULT_GOAL := help

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Build .venv with everything in it (cheap the second time)

$(READY): $(PROJECTS) constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Pressroom needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.x"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv module; install it (Debian, Ubuntu: apt install python3-venv) and try again"; exit 1; }
	@rm -f $@
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt uv
	@$(UV_SETTINGS); $(UV) pip install --quiet -c constraints.txt $(EDITABLE) --group dev
	@touch $@

demo: setup ## Make a workspace in demo/, render its reports and send them to a mail sink on this machine
	@$(BIN)/pressroom demo --dir demo

test: setup ## All tests, with linting, types, import contracts and the documentation among them
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

faults: setup ## Slow tests that break things on purpose
	@$(BIN)/pytest -m faults --timeout 900 $(PYTEST_ARGS) || \
	  { code=$$?; [ $$code -eq 5 ] && echo "no test is marked with faults yet" && exit 0; exit $$code; }

bench: setup ## Measure what the documentation promises
	@$(UV_SETTINGS); $(UV) pip install --quiet -c constraints.txt --group bench
	@$(BIN)/python tests/benchmarks/run.py

lint: setup ## Lint, formatting, types and import contracts only
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## Let ruff mend what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: setup ## Build the documentation into docs/_build
	@$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build
	@echo "open docs/_build/index.html"

api: setup ## Write down what plugins may use, after it was changed on purpose
	@$(BIN)/python tests/plugins_kit/public_api.py

lock: setup ## Write constraints.txt anew with the newest versions that go together
	@set -e; $(UV_SETTINGS); printf '%s\n' "-e ." $(foreach plugin,$(PLUGINS),"-e $(plugin)") | \
	  $(UV) pip compile - --quiet --upgrade --universal --python-version 3.11 --group dev --group bench \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links | \
	  sed -e '/^-e /d' -e 's/ @ .*//' > $(VENV)/constraints.txt
	@mv $(VENV)/constraints.txt constraints.txt
	@touch $(READY)

build: setup ## Build the source archive and the wheel into dist/
	@$(UV_SETTINGS); $(UV) build --quiet --out-dir dist

clean: ## Remove what the other commands made
	rm -rf $(VENV) demo dist build docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
