# Two words are enough on a fresh machine: `make demo`, `make test`. Needs Python 3.11 or newer.
PY   ?= python3
VENV := .venv
BIN  := $(VENV)/bin

# Tests run in as many processes as there are cores, four at most: each starts servers of its own.
PYTEST := $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test check format wheel lock bench clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Two installs: pip refuses an editable project under --require-hashes, and the second must not
# fetch anything, so the build backend (hatchling) is in the lock as well.
$(VENV)/.ready: pyproject.toml requirements.lock
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Tocsin needs Python 3.11 or newer; name one: make PY=python3.12 demo"; exit 1; }
	$(PY) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)/.ready ## the whole way on generated logs, from the first line to the evidence
	$(BIN)/tocsin demo $(ARGS)

test: $(VENV)/.ready ## run the tests; T=path or ARGS='-k clock' to choose
	$(PYTEST) $(T) $(ARGS)

check: $(VENV)/.ready ## everything CI runs, in CI's order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(PYTEST) --cov --cov-report=term:skip-covered

format: $(VENV)/.ready ## put the code in house form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(VENV)/.ready ## build the wheel and run it from a clean environment, as a user would
	rm -rf dist && $(BIN)/python -m pip wheel -q --no-deps --no-build-isolation -w dist .
	$(PY) -m venv dist/env && dist/env/bin/python -m pip install -q dist/*.whl
	cd / && $(CURDIR)/dist/env/bin/tocsin --help

bench: $(VENV)/.ready ## measure scanning: a printed table of ratios
	$(BIN)/python bench/scan.py $(ARGS)

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --quiet \
	  --generate-hashes --no-emit-index-url --no-strip-extras --no-header -o requirements.lock

clean: ## remove what the above made
	rm -rf $(VENV) dist demo-out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
