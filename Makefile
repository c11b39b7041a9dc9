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
REVIEWER ?=
PEOPLE ?= 20000
SEED   ?= 1
DEMO   := $(OUT)/demo-$(PEOPLE)-$(SEED)-$(MONTH)

# Containers set it; a run's libraries, compiled anew at each start, would take it six seconds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-spark audit monthly review demo test test-spark lint format bench bench-linkage mutants sbom check-vulnerabilities fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make audit DROP=path MONTH=2022-10 OUT=path [POLICY=file.toml] [MODEL=file.json] [RULES=path] [CHECKS=path]"

# --no-compile: half a minute of what is never imported is spared; what a run imports is compiled at the end.
$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pipeline.warm
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

review: $(READY) ## judge uncertain links, findings and rejected rows of OUT/MONTH on a local page (REVIEWER=name)
	@$(BIN)/audit review --run "$(OUT)/$(MONTH)" --reviewer "$(REVIEWER)"

demo: $(READY) ## make the demonstration county only (PEOPLE, SEED, MONTH)
	@$(BIN)/audit demo --people $(PEOPLE) --seed $(SEED) --month $(MONTH) --out $(DEMO)

test: $(READY) ## run the tests (LONG=1: those too that take minutes each)
	@$(BIN)/python -m pytest $(if $(LONG),--long)

$(SPARK): $(READY) requirements-spark.lock
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes --no-build-isolation -r requirements-spark.lock
	@touch $@

setup-spark: $(SPARK) ## make the virtual environment, with pyspark

test-spark: $(SPARK) ## the tests of the second engine, Spark (installs pyspark; needs Java 17; LONG=1: all, an hour)
	@$(BIN)/python -m pytest --spark $(if $(LONG),--long) tests/spark

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

TOOLS := .venv-tools
$(TOOLS)/.ready: bench/tools.txt
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/tools.txt
	@touch $@

sbom: $(READY) $(TOOLS)/.ready ## write sbom.json: a CycloneDX bill of materials of what is installed
	@$(TOOLS)/bin/cyclonedx-py environment $(BIN)/python --output-format JSON --output-reproducible --output-file sbom.json
	@echo "sbom.json"

check-vulnerabilities: $(READY) $(TOOLS)/.ready ## what is known against the locked versions (code 3: not examined)
	@$(BIN)/python -m bench.vulnerabilities $(TOOLS)/bin/pip-audit

fuzz: $(READY) ## 20,000 spoilt files, cells and settings and 500 spoilt workbooks
	@PYTHONPATH=.:tests $(BIN)/python -m bench.fuzz

clean: ## remove what make made, results apart
	@rm -rf $(VENV) .venv-bench $(TOOLS) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info build
