# Targets for people; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENV_BI := .venv-bi
VENV_SITE := .venv-site
PIP_INSTALL := pip install --quiet --disable-pip-version-check --compile
# The copy in this folder, whatever is installed.
MALLARD := PYTHONPATH=python_lib $(BIN)/python -m mallard
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help build build-spark summary report docs site dashboard quick test lint imports unit coverage test-versions test-spark test-spark-cluster drill-spark campaign test-bi format lock \
	bench bench-spark bench-billion clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{sub(/:.*/, "", $$1); printf "  make %-14s %s\n", $$1, $$2}'

build: $(VENV)/.installed ## Install what is needed, build mallard.duckdb, and show its segments
	$(BIN)/dbt build
	@$(MAKE) --no-print-directory summary

build-spark: $(VENV)/.installed-spark ## The same on Spark, in a session of this machine (with Java 17), and show its segments
	PYTHONPATH=python_lib $(BIN)/dbt build --target spark
	@$(MALLARD) summary published/mallard_spark.duckdb

summary: $(VENV)/.installed ## Show the segments of the last build
	@$(MALLARD) summary mallard.duckdb

report: $(VENV)/.installed ## Write a page about the segments, published/segments.html, and its charts as pictures
	@$(MALLARD) report published/mallard.duckdb --output published/segments.html

docs: mallard.duckdb ## Write dbt's documentation of every table and column into one HTML file
	$(BIN)/dbt docs generate --static
	@echo "Open target/static_index.html in a browser."

# The models compile against what a build has made.
mallard.duckdb: | $(VENV)/.installed
	$(BIN)/dbt build

site: $(VENV_SITE)/.installed ## Write the documentation site, which needs no server, into site/
	NO_MKDOCS_2_WARNING=1 $(VENV_SITE)/bin/mkdocs build --quiet --strict
	@echo "Open site/index.html in a browser."

dashboard: ## Zip the sample dashboard for Superset, with the published file as its database, into target/dashboard.zip
	$(PYTHON) bi/zip_dashboard.py published/mallard.duckdb target/dashboard.zip

# --- checks ------------------------------------------------------------------------------------------------------------

quick: $(VENV)/.installed-dev ## In a minute: format, lint, types, imports, and every test that needs no dbt build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --no-print-directory --jobs 3 types imports unit-library

test: lint types imports unit site ## Run every test and check, in databases of their own

# The dbt templater compiles the models, and customer_segments reads the centroids when it compiles.
lint: $(VENV)/.installed-dev ## Build the test database with its dbt tests, then lint Python and SQL
	rm -f target/test.duckdb
	$(BIN)/dbt --warn-error-options '{"error": ["Deprecations"]}' build --target test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint models tests
	$(BIN)/sqlfluff lint macros --ignore-local-config --config macros/.sqlfluff

.PHONY: types unit-library
types: $(VENV)/.installed-dev $(VENV)/.installed-spark
	$(BIN)/mypy

imports: $(VENV)/.installed-dev ## Check the direction of imports
	PYTHONPATH=python_lib $(BIN)/lint-imports

unit-library: $(VENV)/.installed-dev
	$(BIN)/pytest --quiet --numprocesses 2 -m "not slow" tests/python/library

unit: $(VENV)/.installed-dev $(VENV)/.installed-clients $(VENV)/.installed-spark ## Run pytest
	$(BIN)/pytest --numprocesses 2 --durations 40 --durations-min 5

test-spark: $(VENV)/.installed-dev $(VENV)/.installed-clients $(VENV)/.installed-spark ## Run the tests on Spark, also those that take long
	MALLARD_TEST_SPARK=1 $(BIN)/pytest tests/python/spark

coverage: $(VENV)/.installed-dev $(VENV)/.installed-clients $(VENV)/.installed-spark ## Measure how much of the library pytest covers (half as long again)
	$(BIN)/pytest --numprocesses 2 --cov=mallard --cov-report=term:skip-covered

test-versions: $(VENV)/.installed ## Build both projects in every supported combination of versions, and compare their tables
	$(BIN)/python tests/versions/run.py

test-spark-cluster: $(VENV)/.installed-dev $(VENV)/.installed-spark ## Start a Spark cluster on this machine, compute there in both deployments, and stop it
	$(BIN)/pytest tests/spark_cluster

drill-spark: $(VENV)/.installed-dev $(VENV)/.installed-spark ## Kill builds on such a cluster at 30 moments, and look at the tables after each (an hour)
	$(BIN)/pytest --capture no tests/spark_cluster/drill.py

campaign: $(VENV)/.installed-dev $(VENV)/.installed-clients ## Kill 200 builds, and fit 1,000 tables of every shape, into benchmarks/CAMPAIGN.md (hours)
	PYTHONPATH=$(CURDIR):$(CURDIR)/python_lib:$(CURDIR)/tests/python $(BIN)/python -m tests.campaign

test-bi: $(VENV)/.installed $(VENV_BI)/.installed ## Read and draw the published file with Superset (installs 900 MB)
	$(VENV_BI)/bin/pytest tests/bi

format: $(VENV)/.installed-dev ## Format Python and SQL, and write the reference pages from where things are defined
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .
	$(BIN)/python tools/reference.py
	$(BIN)/dbt --quiet build --exclude-resource-type unit_test --target test
	$(BIN)/sqlfluff fix --quiet models tests
	$(BIN)/sqlfluff fix --quiet macros --ignore-local-config --config macros/.sqlfluff

# --- measuring ---------------------------------------------------------------------------------------------------------

bench: $(VENV)/.installed-bench ## Measure speed, memory and quality beside peers, into benchmarks/RESULTS.md (most of an hour)
	$(BIN)/python -m benchmarks

bench-spark: $(VENV)/.installed-bench $(VENV)/.installed-spark ## The same on Spark, beside MLlib (three hours, and 4 GB of disk)
	$(BIN)/python -m benchmarks --memory-limit 6GB spark-a spark-b spark-c spark-d spark-e spark-growth

bench-billion: $(VENV)/.installed-bench ## The same for a billion customers (60 GB of disk)
	$(BIN)/python -m benchmarks billion

clean: ## Remove everything that was built, the environments included
	rm -rf $(VENV) $(VENV_BI) $(VENV_SITE) .venv-versions target logs published site spark-warehouse mallard.duckdb mallard.duckdb.wal

# --- environments ------------------------------------------------------------------------------------------------------

# --compile: without compiled bytecode TensorFlow takes 20 s to import. The .pth lets dbt find profiles.yml beside the project
# that DBT_PROJECT_DIR names.
$(VENV)/.installed: requirements.txt tools/profiles_beside_project.pth
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
		"mallard: Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is %d.%d; name another with: make build PYTHON=python3.12" % v)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/$(PIP_INSTALL) --requirement requirements.txt
	cp tools/profiles_beside_project.pth "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	$(BIN)/$(PIP_INSTALL) --requirement requirements/dev.txt
	@touch $@

$(VENV)/.installed-spark: $(VENV)/.installed requirements/spark.txt
	$(BIN)/$(PIP_INSTALL) --requirement requirements/spark.txt
	@touch $@

# In a folder of its own, since it is another DuckDB.
$(VENV)/.installed-clients: $(VENV)/.installed requirements/clients.txt
	$(BIN)/$(PIP_INSTALL) --target $(VENV)/clients --upgrade --requirement requirements/clients.txt
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed requirements/bench.txt
	$(BIN)/$(PIP_INSTALL) --requirement requirements/bench.txt
	@touch $@

$(VENV_BI)/.installed: requirements/bi.txt
	$(PYTHON) -m venv $(VENV_BI)
	$(VENV_BI)/bin/$(PIP_INSTALL) --requirement requirements/bi.txt
	@touch $@

$(VENV_SITE)/.installed: requirements/site.txt
	$(PYTHON) -m venv $(VENV_SITE)
	$(VENV_SITE)/bin/$(PIP_INSTALL) --requirement requirements/site.txt
	@touch $@

# Versions that are pinned already stay, unless pyproject.toml forbids them. pip knows a hash for a name with its extras only.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --annotation-style line --no-emit-index-url \
	--no-emit-find-links --generate-hashes --no-strip-extras
lock: $(VENV)/.installed ## Pin everything that pyproject.toml asks for
	$(BIN)/$(PIP_INSTALL) uv
	$(LOCK) --extra dbt --extra cpu --extra report --extra export pyproject.toml --output-file requirements.txt
	$(LOCK) --extra spark --constraint requirements.txt pyproject.toml --output-file requirements/spark.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements/dev.txt
	$(LOCK) --group bench --constraint requirements.txt --output-file requirements/bench.txt
	for group in bi clients site; do $(LOCK) --group $$group --output-file requirements/$$group.txt; done
