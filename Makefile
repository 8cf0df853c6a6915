# `make demo` and `make test` do all the set-up themselves; `make install` is the set-up alone.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: install demo test sim check docs lock clean
.DEFAULT_GOAL := install

install: $(VENV)/.ready
	@$(BIN)/katy doctor --brief

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Katy needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(UV): $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

$(VENV)/.ready: $(UV) requirements/run.txt requirements/dev.txt pyproject.toml tools/browser.py
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip sync --quiet --require-hashes requirements/dev.txt
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python tools/browser.py
	@touch $@

# Python's compiled modules go into a folder of their own, also where the environment says that none be written: without
# them every process compiles all it imports, which is more than half of what a short command costs.
demo test: export PYTHONDONTWRITEBYTECODE :=
demo test: export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/bytecode

demo: install
	@$(BIN)/katy demo

test: install
	@$(BIN)/python tools/checkers.py
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

# What `make test` does in ten thousand operations, in a hundred thousand on each database; and 200 writers killed on each.
sim: install
	@$(BIN)/python -m bench.ledger_sim --operations 100000
	@$(BIN)/python -m bench.ledger_kills --kills 200

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The pages of sources, of categories, of data and of knobs are written from what declares them.
docs: install
	@$(BIN)/python tools/sources_doc.py
	@$(BIN)/python tools/taxonomy_doc.py
	@$(BIN)/python tools/dictionary_doc.py
	@$(BIN)/python tools/knobs_doc.py

# Lock again after a change in pyproject.toml. The files carry hashes and no host.
lock: $(UV)
	cd requirements && ../$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url uv.in -o uv.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements/run.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements/checkers.in -o requirements/checkers.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev -c requirements/run.txt pyproject.toml requirements/uv.in requirements/build.in -o requirements/dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache *.egg-info
