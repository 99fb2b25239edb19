# Every task of the project by one word. Each makes its own environment in .venv; nothing else is needed but Python.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: help demo test check chaos docs messages bench format clean

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.base: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "vtexmon needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "vtexmon needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(VENV)/.base ## a VTEX of our own, sample courses, and the monitor on the screen
	$(BIN)/vtexmon demo

test: $(VENV)/.dev ## the tests, PostgreSQL included
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup

check: $(VENV)/.dev ## lint, format, types, import contract, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/project/test_sizes.py

chaos: $(VENV)/.dev ## kill, freeze and starve processes over 20 seeds; CHAOS="--seeds 2 --engine sqlite --seed 7"
	$(BIN)/python -m tests.chaos.processes $(CHAOS)

docs: $(VENV)/.dev ## make the screens of docs/manual.md again
	$(BIN)/python -m docs.screens

messages: $(VENV)/.dev ## bring the English catalogue up to date with the sentences in the code
	$(BIN)/python -m docs.messages

bench: $(VENV)/.dev ## measure ratios against the obvious implementations, in one run
	$(BIN)/python -m benchmarks

format: $(VENV)/.dev ## put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
