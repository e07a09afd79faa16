# Targets for people; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENV_BI := .venv-bi
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help build summary report docs dashboard test lint typecheck unit test-bi format bench bench-billion clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

build: $(VENV)/.installed ## Install what is needed, build mallard.duckdb, and say what is in it
	$(BIN)/dbt build
	@$(MAKE) --no-print-directory summary

summary: $(VENV)/.installed ## Say what the last build made
	@PYTHONPATH=python_lib $(BIN)/python -m mallard summary mallard.duckdb

report: $(VENV)/.installed ## Write a page about the segments, published/segments.html, and its charts as pictures
	@PYTHONPATH=python_lib $(BIN)/python -m mallard report published/mallard.duckdb --output published/segments.html

docs: mallard.duckdb ## Write dbt's documentation of every table and column into one HTML file
	$(BIN)/dbt docs generate --static
	@echo "Open target/static_index.html in a browser."

# The models compile against what a build has made.
mallard.duckdb: | $(VENV)/.installed
	$(BIN)/dbt build

test: lint typecheck unit ## Run every test and check, in a database of its own

format: $(VENV)/.installed-dev ## Format Python and SQL, and write docs/settings.md
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .
	PYTHONPATH=python_lib $(BIN)/python -m mallard settings > docs/settings.md
	$(BIN)/dbt --quiet build --exclude-resource-type unit_test --target test
	$(BIN)/sqlfluff fix --quiet models tests

# The dbt templater compiles the models, and customer_segments reads the centroids when it compiles.
lint: $(VENV)/.installed-dev ## Build the test database with its dbt tests, then lint Python and SQL
	rm -f target/test.duckdb
	$(BIN)/dbt --warn-error-options '{"error": ["Deprecations"]}' build --target test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint models tests

typecheck: $(VENV)/.installed-dev ## Check types and the direction of imports
	$(BIN)/mypy
	PYTHONPATH=python_lib $(BIN)/lint-imports

unit: $(VENV)/.installed-dev $(VENV)/.installed-clients ## Run pytest
	$(BIN)/pytest --numprocesses 2

dashboard: ## Zip the sample dashboard for Superset, with the published file as its database, into target/dashboard.zip
	$(PYTHON) bi/zip_dashboard.py published/mallard.duckdb target/dashboard.zip

test-bi: $(VENV)/.installed $(VENV_BI)/.installed ## Read and draw the published file with Superset (installs 900 MB)
	$(VENV_BI)/bin/pytest tests/bi

bench: $(VENV)/.installed-bench ## Measure speed, memory and quality beside peers, into benchmarks/RESULTS.md (most of an hour)
	$(BIN)/python -m benchmarks

bench-billion: $(VENV)/.installed-bench ## The same for a billion customers (60 GB of disk)
	$(BIN)/python -m benchmarks billion

clean: ## Remove everything that was built, the environment included
	rm -rf $(VENV) $(VENV_BI) target logs published mallard.duckdb mallard.duckdb.wal

# --compile: without compiled bytecode TensorFlow takes 20 s to import. The .pth lets dbt find profiles.yml beside the project
# that DBT_PROJECT_DIR names.
$(VENV)/.installed: requirements.txt tools/profiles_beside_project.pth
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
		"mallard: Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is %d.%d; name another with: make build PYTHON=python3.12" % v)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --compile --requirement requirements.txt
	cp tools/profiles_beside_project.pth "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --compile --requirement requirements-dev.txt
	@touch $@

# In a folder of its own, since it is another DuckDB.
$(VENV)/.installed-clients: $(VENV)/.installed requirements-clients.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --target $(VENV)/clients --upgrade --requirement requirements-clients.txt
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed benchmarks/requirements-bench.in
	$(BIN)/pip install --quiet --disable-pip-version-check --compile --requirement benchmarks/requirements-bench.in
	@touch $@

$(VENV_BI)/.installed: requirements-bi.txt
	$(PYTHON) -m venv $(VENV_BI)
	$(VENV_BI)/bin/pip install --quiet --disable-pip-version-check --compile --requirement requirements-bi.txt
	@touch $@
