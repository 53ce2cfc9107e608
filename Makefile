# Everything sets itself up; nothing is needed first but Python 3.11 or later and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SAMPLE := data/sample

.PHONY: setup run test dev bench lint clean
.DEFAULT_GOAL := run

setup: $(STAMP)  ## Make the virtual environment and install the locked dependencies

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 to 3.14 is needed, this is %d.%d; try make PYTHON=python3.12" % sys.version_info[:2]) if not (3, 11) <= sys.version_info[:2] <= (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies (once; a few minutes)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

run: setup  ## Make the small sample and publish its releases
	@test -f $(SAMPLE)/openbeat.yaml || $(BIN)/openbeat sample $(SAMPLE)
	$(BIN)/openbeat run --config $(SAMPLE)/openbeat.yaml

test: setup lint  ## What CI runs
	$(BIN)/python -m pytest --numprocesses=2

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dagster definitions validate -w workspace.yaml

dev: setup  ## The Dagster UI, on the sample
	@test -f $(SAMPLE)/openbeat.yaml || $(BIN)/openbeat sample $(SAMPLE)
	CONFIG=$${OPENBEAT_CONFIG:-$(SAMPLE)/openbeat.yaml}; \
	  OPENBEAT_CONFIG=$$CONFIG DAGSTER_HOME=$$($(BIN)/python -m pipelines.instance $$CONFIG) \
	  DAGSTER_DISABLE_TELEMETRY=1 $(BIN)/dagster dev -w workspace.yaml

bench: setup  ## Measure speed; prints tables and writes benchmarks/results/*.json
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.engagement
	$(BIN)/python -m benchmarks.disclosure
	$(BIN)/python -m benchmarks.release
	$(BIN)/python -m benchmarks.website

clean:
	rm -rf $(VENV) data
