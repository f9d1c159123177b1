# From a machine with Python 3.11, make and nothing else to a running clinic: `make run`.
# Each stamp below stands for one thing that is installed or built, and is redone when its source changes.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000

python := .venv/bin/python
install := $(python) -m tools.install --require-hashes -r
draws_icons := clinic/web/navigation.py $(shell find templates -name "*.html")
fetches_assets := package.json package-lock.json .npmrc tools/node.py tools/install.py

.PHONY: help run test check fix bench lock migrate clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: .venv/.run .build/icons ## Start the clinic at http://127.0.0.1:8000 (PORT=8000)
	@exec .venv/bin/clinic serve --port $(PORT)

test: .venv/.test .build/icons .build/browser ## Run every test, on SQLite and PostgreSQL and in a browser
	@.venv/bin/pytest -n auto --maxprocesses 4 --dist loadfile

check: .venv/.check ## Look for what is wrong; change nothing
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(python) -m tools.generated_docs --check

fix: .venv/.check ## Format, mend what can be mended, write the generated docs
	.venv/bin/ruff format
	.venv/bin/ruff check --fix
	$(python) -m tools.generated_docs

bench: .venv/.test .build/icons ## Measure the hot paths (scale=10: the census over ten million doses)
	@$(python) -m tests.bench $(scale)

lock: .venv/.run ## Write requirements/*.txt and package-lock.json anew (upgrade=--upgrade moves pins)
	$(python) -m tools.lock $(upgrade)

migrate: .venv/.run ## Write a migration from the models: m="what changes"
	@[[ -n "$(m)" ]] || { echo 'Say what changes: make migrate m="bottles get a lot number"' >&2; exit 1; }
	.venv/bin/flask --app clinic.app db migrate -m "$(m)"

clean: ## Remove everything that make fetched or built; the clinic's data stays
	rm -rf .venv .build node_modules clinic/static/vendor *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.boot: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or later is needed, and $(PYTHON) is not. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(python) -m pip --version >/dev/null 2>&1 || { echo "Making a Python environment ..."; \
	  $(PYTHON) -m venv --clear .venv; } || { \
	  echo "$(PYTHON) cannot make one. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(python) -m pip install --quiet --disable-pip-version-check --require-hashes -r $< \
	  || echo "No uv here; pip will do."
	@touch $@

.venv/.run: requirements/run.txt pyproject.toml tools/install.py .venv/.boot
	@echo "Installing dependencies ..."
	@$(install) $<
	@$(python) -m tools.install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: requirements/test.txt .venv/.run
	@echo "Installing test dependencies ..."
	@$(install) $<
	@touch $@

.venv/.check: requirements/check.txt .venv/.test
	@echo "Installing checkers ..."
	@$(install) $<
	@touch $@

.build/assets: $(fetches_assets) tools/assets.py .venv/.run
	@echo "Fetching front-end files ..."
	@$(python) -m tools.assets
	@mkdir -p $(@D) && touch $@

.build/icons: $(draws_icons) tools/icons.py .build/assets
	@$(python) -m tools.icons
	@touch $@

.build/browser: $(fetches_assets) tools/browser.py .venv/.test .build/assets
	@echo "Unpacking the tests' browser ..."
	@$(python) -m tools.browser
	@touch $@
