# CareerAI. `make help` lists what can be made.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Where the site listens: make run HOST=0.0.0.0 PORT=8080
HOST ?= 127.0.0.1
PORT ?= 8000
PYTEST_ARGS ?= -n 2

.PHONY: help setup run demo test check format lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## Install everything into .venv

$(STAMP): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CareerAI needs Python 3.11 or newer; call 'make PYTHON=/path/to/python3.11 …'." >&2; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv && \
		uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.txt; \
	else \
		$(PYTHON) -m venv .venv && \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt; \
	fi
	@touch $@

run: setup ## Start web and worker at http://127.0.0.1:8000, with a first user and sample documents
	@$(BIN)/python manage.py setup_site
	@$(BIN)/python manage.py serve --host $(HOST) --port $(PORT)

demo: setup ## Do the main job on the sample CV and posting, files into build/demo
	@CAREERAI_DATA_DIR=build/demo-data $(BIN)/python manage.py demo --output build/demo

test: setup ## Run all tests, with coverage
	@$(BIN)/python -m slipcover -m pytest $(PYTEST_ARGS)

check: setup ## Lint, types, import contracts, templates, settings, missing migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --check --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/mypy
	HTTPS=true SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))') $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	@! grep -n '://' requirements.txt requirements-dev.txt

format: setup ## Format code and templates
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	-$(BIN)/djlint templates --reformat --quiet

lock: ## Pin the dependencies of pyproject.toml, with hashes (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra ocr --extra otel pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate -c requirements.txt --extra ocr --extra otel pyproject.toml --group dev -o requirements-dev.txt

clean: ## Remove what make has built (not your data in var/)
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis
