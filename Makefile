# Everything a newcomer needs: `make demo`, `make test`. Both set up the environment first.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-spark test-spark-quick check accuracy golden

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-16s %s\n", $$1, $$2}'

setup: .venv/.ready ## make .venv with the locked packages

.venv/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: setup ## write a scenario's evidence, assess it, say where the report lies
	rm -rf demo
	$(BIN)/tocsin scenario write february-2022 --out demo
	$(BIN)/tocsin assess demo/evidence --profile demo/partner.yaml --out demo/case

accuracy: setup ## how often it is right: docs/accuracy.md (half an hour)
	$(BIN)/python bench/accuracy.py --data ../shared/data --out docs/accuracy.md

golden: setup ## rewrite expected outputs; review the diff
	TOCSIN_GOLDEN=write $(BIN)/pytest -k golden

test: setup ## run the tests
	$(BIN)/pytest -n auto --dist worksteal

test-slow: setup ## the tests that take minutes: thirty kills, and the like
	$(BIN)/pytest -m "slow and not spark"

test-spark: setup ## every capture on both engines, DuckDB and Spark (needs Java 17)
	$(BIN)/pytest -m spark tests/integration/test_spark.py

test-spark-quick: setup ## one case of each kind on both engines
	$(BIN)/pytest -m "spark and not real" tests/integration/test_spark.py

check: setup ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
