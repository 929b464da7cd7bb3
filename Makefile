# `make screen` screens the files in cases/; `make test` checks everything; `make docs` builds the
# documentation. Each sets up .venv first, and a second run finds it ready (the stamps depend on
# pyproject.toml).
SHELL := /bin/sh
VENV  ?= .venv
BIN   := $(VENV)/bin
CASES  = $(wildcard cases/*.yaml cases/*.yml cases/*.json)

# The first of these that runs and is a version that was tried. PYTHON=... chooses another.
IS_TRIED = 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do \
	$$p -c $(IS_TRIED) 2>/dev/null && { echo $$p; break; }; done)
# durable-rules 2.0.28 is compiled here, and calls a C function that Python 3.13 took away; its
# successor has the same arguments. (Its setup.py overwrites CFLAGS, so CPPFLAGS.)
export CPPFLAGS += -DPyEval_CallObject=PyObject_CallObject
ENGINE = $(BIN)/python -c 'import durable_rules_engine'
PIP    = $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: screen test test-wheel test-pythons test-spark setup clean

screen: $(VENV)/.screen
	@test -n "$(CASES)" || { echo "make screen: no case files in cases/" >&2; exit 2; }
	$(BIN)/trialscreen case $(CASES)

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

# The wheel: built, upgraded to, used from an empty folder, and removed without a trace.
test-wheel: $(VENV)/.venv
	tests/wheel.sh $(BIN)/python

# Each version of Python that pyproject.toml names and this machine has.
test-pythons:
	tests/pythons.sh

# The column plan on Spark, which needs Java 17 or newer. Here a skipped test is a failed one.
test-spark: $(VENV)/.spark
	TRIALSCREEN_SPARK=1 $(BIN)/pytest tests/faults/batch/test_spark.py

setup: $(VENV)/.test

# The site, from the Markdown files of the repository; whatever is wrong with a page is an error.
.PHONY: docs
docs: $(VENV)/.test
	$(BIN)/python -m sphinx -W --keep-going -q -E -d build/docs -b html -c docs . build/site
	@echo "build/site/index.html"

$(VENV)/.venv:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11, 3.12 or 3.13 is needed, and none was found." \
	  "Install it, or say PYTHON=/path/to/python3 make ..." >&2; exit 1; }
	@"$(PYTHON)" -c $(IS_TRIED) || { \
	  echo "make: $(PYTHON) is not Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) cannot make" \
	  "a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -c 'import os, sys, sysconfig as s; \
	  sys.exit(not os.path.exists(os.path.join(s.get_path("include"), "Python.h")))' || { \
	  echo "make: the headers of $(PYTHON) are needed to compile durable-rules;" \
	  "on Debian and Ubuntu: apt install python3-dev" >&2; exit 1; }
	@command -v "$${CC:-cc}" >/dev/null || { echo "make: a C compiler is needed to compile" \
	  "durable-rules; on Debian and Ubuntu: apt install build-essential" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.screen: pyproject.toml $(VENV)/.venv
	$(PIP) --editable .
	@# pip's cache may hold a wheel that was built without that, and does not load
	@$(ENGINE) 2>/dev/null || { $(PIP) --no-cache-dir --force-reinstall --no-deps \
	  durable-rules==2.0.28 && $(ENGINE); }
	@# compiled once here, where an environment keeps Python from writing its caches
	$(BIN)/python -m compileall -q screen
	$(BIN)/python -m screen.language.loading.snapshot
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.screen
	$(PIP) --editable '.[dev,docs]'
	@touch $@

$(VENV)/.spark: pyproject.toml $(VENV)/.test
	$(PIP) --editable '.[dev,docs,spark]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
