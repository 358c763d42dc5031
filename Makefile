# make lab   opens the lessons on working data          make test   runs every check and test
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python3.14; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$each && break; done)
VENV := $(or $(EMGWIDGETS_VENV),.venv)
RUN := $(VENV)/bin/
ARGS ?=
PYTEST := $(RUN)python -m pytest -q

.PHONY: lab test test-fast check notebooks browser bench lock data setup setup-test help clean

help:
	@sed -n '1p' Makefile; echo "make test-fast   without notebooks and browser"; echo "make bench       runs benchmarks/"; echo "make lock        renews the lock files"

setup:
	@$(or $(PYTHON),$(error Python 3.11 or newer was not found; install it or name one with PYTHON=...)) tools/setup_env.py lab

setup-test:
	@$(or $(PYTHON),$(error Python 3.11 or newer was not found; install it or name one with PYTHON=...)) tools/setup_env.py test

lab: setup
	@$(RUN)emgwidgets lab $(ARGS)

check: setup-test
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)codespell emgwidgets tests tools benchmarks docs README.md CONTRIBUTING.md CHANGELOG.md
	$(RUN)mypy
	$(RUN)mypy --config-file benchmarks/mypy.ini
	$(RUN)lint-imports

test-fast: check
	$(PYTEST) -m "not browser"

notebooks: setup-test
	$(PYTEST) --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg -p no:randomly notebooks

browser: setup-test
	EMGWIDGETS_CHROMIUM="$$($(RUN)python tools/find_chromium.py)" && export EMGWIDGETS_CHROMIUM && $(PYTEST) -m browser -p no:randomly

test: check
	$(MAKE) --no-print-directory notebooks
	$(MAKE) --no-print-directory browser
	$(PYTEST) -m "not browser"

bench: setup-test
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(RUN)python $$file || exit 1; done

lock: setup-test
	tools/lock.sh

data: setup-test
	$(RUN)python tools/make_data.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
