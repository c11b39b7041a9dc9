# The county audit. `make help` lists the targets; each sets up what it needs on its first run.
# Needed beforehand: Python 3.11 (or newer) and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SPARK  := $(VENV)/.ready-spark

DROP   ?=
MONTH  ?= 2022-10
OUT    ?= out
POLICY ?=
MODEL  ?=
RULES  ?=
RULE   ?=
CHECKS ?=
PEOPLE ?= 20000
SEED   ?= 1
DEMO   := $(OUT)/demo-$(PEOPLE)-$(SEED)-$(MONTH)

.DEFAULT_GOAL := help
.PHONY: help setup audit monthly demo test test-spark lint format bench bench-linkage mutants clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make audit DROP=path MONTH=2022-10 OUT=path [POLICY=file.toml] [MODEL=file.json] [RULES=path] [CHECKS=path]"

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(READY) ## make the virtual environment

audit: $(READY) ## audit DROP for MONTH into OUT; without DROP, the demonstration county
ifeq ($(strip $(DROP)),)
	@$(BIN)/audit demo --people $(PEOPLE) --seed $(SEED) --month $(MONTH) --out $(DEMO)
	@$(BIN)/audit run --drop $(DEMO)/drop --month $(MONTH) --out $(OUT) $(if $(POLICY),--policy "$(POLICY)") $(if $(MODEL),--model "$(MODEL)") $(if $(RULES),--rules "$(RULES)") $(if $(CHECKS),--checks "$(CHECKS)")
else
	@$(BIN)/audit run --drop "$(DROP)" --month $(MONTH) --out "$(OUT)" $(if $(POLICY),--policy "$(POLICY)") $(if $(MODEL),--model "$(MODEL)") $(if $(RULES),--rules "$(RULES)") $(if $(CHECKS),--checks "$(CHECKS)")
endif

monthly: $(READY) ## audit DROP for MONTH and write the bureau's ledgers of the month (OUT/<month>/monthly)
	@$(if $(strip $(DROP)),,echo "make monthly DROP=path MONTH=YYYY-MM [OUT=path]" >&2; exit 2;) $(BIN)/audit monthly --drop "$(DROP)" --month $(MONTH) --out "$(OUT)" $(if $(POLICY),--policy "$(POLICY)") $(if $(MODEL),--model "$(MODEL)") $(if $(RULES),--rules "$(RULES)") $(if $(CHECKS),--checks "$(CHECKS)")

demo: $(READY) ## make the demonstration county only (PEOPLE, SEED, MONTH)
	@$(BIN)/audit demo --people $(PEOPLE) --seed $(SEED) --month $(MONTH) --out $(DEMO)

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest

$(SPARK): $(READY) requirements-spark.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements-spark.lock
	@touch $@

test-spark: $(SPARK) ## the tests of the second engine, Spark (installs pyspark; needs Java 17; LONG=1: all, an hour)
	@$(BIN)/python -m pytest -n 0 --spark $(if $(LONG),--long) tests/spark

lint: $(READY) ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(READY) ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## measure speed and memory against the bare libraries (PEOPLE=200000 by default there)
	@$(BIN)/python -m bench

bench-linkage: $(READY) ## linkage beside Splink 5 (makes .venv-bench)
	@$(BIN)/python -m bench.linkage

mutants: $(READY) ## break every rule's conditions, one at a time: a spec must notice each (RULE=id: that rule alone)
	@$(BIN)/python -m bench.mutation $(or $(RULE),--shared)

clean: ## remove what make made, results apart
	@rm -rf $(VENV) .venv-bench .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
