# Two commands do all on a machine with python3 (3.11+), pip and make: `make demo` and `make test`.
# Everything is installed below this folder; nothing outside it is touched.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
FAMILIES ?= 6000
# Compiled modules are kept: without them every start of a server compiles the libraries anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.uv/bin/uv:
	@echo "fetching uv (once)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .uv uv

.venv/ready: requirements.lock pyproject.toml | .uv/bin/uv
	@echo "installing the pinned packages (once)"
	@test -x $(BIN)/python || .uv/bin/uv venv --quiet --no-python-downloads --python "$$(command -v $(PYTHON))" .venv
	@.uv/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@.uv/bin/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/ready  ## install the pinned packages into .venv

demo: .venv/ready  ## the whole pipeline on a synthetic county, then a running server (SERVE=0 ends instead)
	@$(BIN)/gateway demo --families $(FAMILIES) $(if $(filter 0,$(SERVE)),--no-serve)

test: .venv/ready  ## every test that fits into a few minutes
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not spark"

test-slow: .venv/ready  ## the long tests as well
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not spark"

test-spark: .venv/ready  ## both engines of linkage give the same links (fetches PySpark once, 450 MB; needs Java 17)
	@.uv/bin/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements-spark.lock
	@$(BIN)/python -m pytest -m spark

redteam: .venv/ready  ## every attack on every method of disclosure control, and the matrix of what they find
	@$(BIN)/python -m tests.redteam.disclosure

check: .venv/ready  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: .venv/ready  ## put the format right
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/ready  ## measure, and write benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

.anonlink/ready: .uv/bin/uv
	@.uv/bin/uv venv --quiet --clear --no-python-downloads --python "$$(command -v $(PYTHON))" .anonlink
	@.uv/bin/uv pip install --quiet --python .anonlink/bin/python clkhash==0.18.3 anonlink==0.15.3 "setuptools<81"
	@touch $@

bench-linkage: .venv/ready .anonlink/ready  ## measure record linkage beside its peers, and write benchmarks/LINKAGE.md
	@$(BIN)/python -m benchmarks --group linkage

bench-growth: .venv/ready  ## measure how record linkage grows, to five million records, and write benchmarks/GROWTH.md
	@$(BIN)/python -m benchmarks --group growth

lock: .uv/bin/uv  ## resolve pyproject.toml into requirements.lock
	@.uv/bin/uv pip compile pyproject.toml --group dev --extra oprf --extra dp --universal --generate-hashes --no-header --quiet -o requirements.lock
	@sed -n 's/^spark = \["\(.*\)"\]$$/\1/p' pyproject.toml | .uv/bin/uv pip compile - -c requirements.lock --universal --generate-hashes --no-header --quiet -o requirements-spark.lock

clean:  ## remove what the other targets made
	@rm -rf .venv .uv .anonlink demo-home build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.PHONY: help setup demo test test-slow test-spark redteam check format bench bench-linkage bench-growth lock clean
