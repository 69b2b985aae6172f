# PlanFlow's commands. Each brings what it needs: the environment in .venv is made once and kept up to date by
# tools/environment.py, which compares hashes and otherwise costs nothing.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
VENV := .venv/bin
PYTEST := $(VENV)/python -m pytest
# Measured: two workers on two cores take little more than half the time. Each starts a PostgreSQL, hence the limit.
# A worker that has nothing left takes over from another, so that none ends alone with the longest.
WORKERS ?= -n auto --maxprocesses 4 --dist worksteal
# What needs no browser and no PostgreSQL, and is over in seconds.
QUICK := not browser and not postgresql and not slow

.DEFAULT_GOAL := help
.PHONY: help run test check lint smoke bench lock licences format clean dev
.NOTPARALLEL:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  make run takes HOST, PORT and ARGS, as in: make run PORT=0"
	@echo "  make test and make check take ARGS for pytest, as in: make test ARGS=tests/engine"

run: ## Serve PlanFlow with a demo year at http://127.0.0.1:8000
	@$(PYTHON) tools/environment.py run
	@exec $(VENV)/planflow up --demo --host $(HOST) --port $(PORT) $(ARGS)

test: lint ## Run every check and every test, on SQLite, PostgreSQL and in Chromium
	@$(PYTHON) tools/environment.py browser
	@$(PYTHON) tools/environment.py brokers
	$(PYTEST) $(WORKERS) $(ARGS)

check: lint ## Run the checks and the quick tests, in less than two minutes
	$(PYTEST) -q -m "$(QUICK)" $(WORKERS) $(ARGS)

lint: dev ## Check style, types, imports between rooms and the locks
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-logo
	$(VENV)/python -m tools.locks check

smoke: ## Copy the sources to an empty folder, start make run there, sign in, and say how long it took
	@$(PYTHON) tools/smoke.py

bench: dev ## Measure PlanFlow against plain SpiffWorkflow
	$(VENV)/python -m benchmarks $(ARGS)

lock: dev ## Resolve the newest versions that fit into requirements.lock
	$(VENV)/python -m tools.locks write

licences: dev ## Write docs/third-party-python.md from what is installed
	$(VENV)/python -m tools.licences

format: dev ## Format the Python code
	$(VENV)/ruff check --fix-only --quiet .
	$(VENV)/ruff format .

clean: ## Remove everything that was made; what people entered (.planflow) stays
	rm -rf .venv node_modules web/static/built build dist .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find locales -name '*.mo' -delete

dev:
	@$(PYTHON) tools/environment.py dev
