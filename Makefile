# Everything a newcomer needs: `make demo`, `make test`. Both set up the environment first.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-spark test-spark-quick test-postgresql screenshots check accuracy bench bench-full golden

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-16s %s\n", $$1, $$2}'

setup: .venv/.ready ## make .venv with the locked packages

.venv/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: setup ## write a scenario's evidence, assess it, say where the report lies and how to open the room
	rm -rf demo
	$(BIN)/tocsin scenario write february-2022 --out demo
	$(BIN)/tocsin assess demo/evidence --profile demo/partner.yaml --out demo/case
	@echo
	@echo "The operations room, filled with an invented case (in half a minute, until Ctrl-C): $(BIN)/tocsin serve --demo"

accuracy: setup ## how often it is right: docs/accuracy.md (half an hour)
	$(BIN)/python bench/accuracy.py --data ../shared/data --out docs/accuracy.md

bench: setup ## speed and memory beside other tools, in ratios (NFSTREAM_PYTHON=... to include nfstream)
	$(BIN)/python bench/peers.py $(if $(NFSTREAM_PYTHON),--nfstream-python $(NFSTREAM_PYTHON))
	$(BIN)/python bench/scale.py

bench-full: setup ## the same with a capture of 10 GB, and the picture in docs/performance.md
	$(BIN)/python bench/peers.py $(if $(NFSTREAM_PYTHON),--nfstream-python $(NFSTREAM_PYTHON))
	$(BIN)/python bench/scale.py --full

golden: setup ## rewrite expected outputs; review the diff
	TOCSIN_GOLDEN=write $(BIN)/pytest -k golden

test: setup ## run the tests
	$(BIN)/pytest -n auto --dist worksteal

test-slow: setup ## the tests that take minutes: thirty kills, and the like
	$(BIN)/pytest -m "slow and not spark"

test-spark: setup ## every capture on both engines, DuckDB and Spark (needs Java 17)
	$(BIN)/pytest -m spark tests/integration/test_spark.py

test-spark-quick: setup ## a capture, a log, every format and nulls on both engines
	$(BIN)/pytest -m "spark and not real and not slow" tests/integration/test_spark.py

test-postgresql: setup ## the room's tests on a PostgreSQL server that is started for them
	$(BIN)/python tests/kit/postgresql.py $(BIN)/pytest tests/ops -n auto --dist worksteal

screenshots: setup ## docs/img: pictures of the room's pages, light, dark and on a phone, taken while the story is played
	TOCSIN_SCREENSHOTS=docs/img $(BIN)/pytest tests/browser/test_story.py -k sqlite

check: setup ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	TOCSIN_HOME=.mypy_cache/room $(BIN)/mypy
	$(BIN)/lint-imports
