# recsql: `make demo` and `make test` are all a newcomer needs.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# Two workers; tests that share a long fixture stay together.
PYTEST_ARGS ?= -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help demo test test-database bench lint format wheel screenshots clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.demo ## Start everything and serve the demo site at http://127.0.0.1:8000
	@"$(BIN)/recsql" demo

test: $(VENV)/.test ## Install what the tests need, and run them all
	@"$(BIN)/python" tests/browser_setup.py
	@"$(BIN)/python" -m pytest $(PYTEST_ARGS)

# All that asks a database, and nothing else: for a second server.
ON_A_DATABASE := recommenders recommend models evaluate suggest critics export pages_sql witness \
	plans plans_pages totals search_order rate refresh repair schema web accounts my_ratings \
	enrich search_to_rate forgetting home_rows next finding finding_pages load_demo \
	load_kaggle load_malformed load_movielens load_straight quiz

test-database: $(VENV)/.test ## Run the tests that ask a database (RECSQL_PG_BIN, RECSQL_TEST_URL)
	@"$(BIN)/python" -m pytest $(PYTEST_ARGS) $(ON_A_DATABASE:%=tests/test_%.py)

SIZES ?= 1M 10M 38M

bench: $(VENV)/.bench ## Measure at SIZES="1M 10M 38M" ratings, and write docs/performance.md
	@"$(BIN)/python" -m benchmarks --sizes "$(SIZES)" $(BENCH_ARGS)

lint: $(VENV)/.test ## Check the style of Python and SQL
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/sqlfluff" lint --disable-progress-bar --processes 0 sql

format: $(VENV)/.test ## Format the Python files
	@"$(BIN)/ruff" check --fix .
	@"$(BIN)/ruff" format .

wheel: $(VENV)/.test ## Build a wheel into dist/
	@"$(BIN)/python" -m build --wheel --no-isolation

screenshots: $(VENV)/.test ## Take the pictures of README and docs from a running site
	@"$(BIN)/python" docs/screenshots.py

clean: ## Remove the environment and what was built
	rm -rf "$(VENV)" build dist .pytest_cache .ruff_cache .hypothesis

# An environment is made anew where pyproject.toml is newer: offline, nothing is fetched once
# it stands.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "recsql needs Python 3.11 or newer; name one: make PYTHON=python3.12 demo" >&2; exit 1; }
	@$(PYTHON) -m venv "$(VENV)" || { \
		echo "Python cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml
	@echo "Installing recsql and its PostgreSQL into $(VENV) …"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable .
	@touch "$@"

$(VENV)/.test: $(VENV)/bin/python pyproject.toml
	@echo "Installing recsql and what its tests need into $(VENV) …"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable ".[test,deploy]"
	@touch "$@" "$(VENV)/.demo"

# What is compared with may not be there for this Python: then its lines say so.
$(VENV)/.bench: $(VENV)/bin/python pyproject.toml
	@echo "Installing recsql and what it is compared with into $(VENV) …"
	@"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable ".[deploy,bench]" \
		|| { echo "Going on without the extra 'bench'" >&2; \
		"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --editable ".[deploy]"; }
	@touch "$@" "$(VENV)/.demo"
