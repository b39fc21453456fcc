# Every target creates what it needs. On a fresh machine: Python 3.11 or newer, make, and a package registry.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The bare flags hide progress and warnings; errors still show.
INSTALL := $(BIN)/python -m pip install -qq

.DEFAULT_GOAL := help
.PHONY: help demo test lint format compiled docs reports bench oldest peers wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

$(READY): pyproject.toml
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "preroll needs Python 3.11 or newer; say where: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV)
	@$(INSTALL) --editable '.[dev]'
	@touch $@

demo: $(READY) ## check the job files in examples/: the good ones pass, the bad ones are refused
	@PREROLL=$(BIN)/preroll sh examples/demo.sh

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -q

lint: $(READY) ## style, formatting and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(READY) ## mend style and formatting where that is safe
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

compiled: $(READY) ## compile corrections, rules and envelopes from schemas/ to JSON
	@$(BIN)/python -m preroll.compiled

docs: $(READY) ## write docs/rules/ anew: a page for every rule
	@$(BIN)/python -m preroll.catalogue docs/rules

reports: $(READY) ## write reports/ anew: what is known of each bundled document
	@$(BIN)/python -m preroll.reports

bench: $(READY) ## run the benchmarks, one question each
	@set -e; for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python "$$each"; done

oldest: ## run the tests with the oldest dependencies that pyproject.toml allows
	@test -n "$(PYTHON)" || { echo "preroll needs Python 3.11 or newer" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear .venv-oldest
	@.venv-oldest/bin/python -c "$$LOWER_BOUNDS" > .venv-oldest/bounds.txt
	@.venv-oldest/bin/python -m pip install -qq --editable '.[all]' pytest --constraint .venv-oldest/bounds.txt
	@.venv-oldest/bin/python -m pytest -q

# 'name>=1.2' becomes the constraint 'name==1.2'.
define LOWER_BOUNDS
import re, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
for group in (project["dependencies"], *project["optional-dependencies"].values()):
    for each in group:
        bound = re.fullmatch(r"([\w.-]+)>=([\w.]+)", each)
        if bound:
            print("==".join(bound.groups()))
endef
export LOWER_BOUNDS

peers: ## install what others have written and tests compare with: ajv and the mock server Prism; needs node and npm
	@npm install --silent --no-audit --no-fund --prefix .peers @stoplight/prism-cli@5.14.2 ajv@8.20.0 ajv-formats@3.0.1

wheel: $(READY) ## build the wheel into dist/
	@rm -rf dist
	@$(BIN)/python -m pip wheel -qq --no-deps --wheel-dir dist .

clean: ## remove the environments, caches and builds
	rm -rf .venv .venv-oldest .peers build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find validator fuzz tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
