# make demo      a virtual environment, then: compile, check and train the digits example
# make test      the same environment with the developers' tools: formatting, lint, types, tests
# make test-jax  whole networks against the same ones in JAX, which is installed for it
# make lint      formatting, lint and types only
# make bench     the same environment with the peers: generated modules against them, which takes half an hour
# make clean     remove what the above made

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Some systems make environments without pip: then the system's own installs into them.
PIP     = $$(test -x $(BIN)/pip && echo $(BIN)/pip || echo $(PYTHON) -m pip --python $(BIN)/python)
SPEC   := examples/digits_mlp.sym

.PHONY: help demo test test-jax lint format bench clean

help:
	@sed -n 's/^# //p' Makefile

demo: $(VENV)/demo build
	$(BIN)/symnet compile $(SPEC) -o build/digits_mlp.py
	$(BIN)/symnet check build/digits_mlp.py
	$(BIN)/python examples/train_digits.py build/digits_mlp.py
	@echo "The gradient of the loss by the logits, as symnet derived it from the formulas in examples/digits_by_hand.sym:"
	$(BIN)/symnet gradients examples/digits_by_hand.sym --wrt z

test: lint
	$(BIN)/pytest -q -n 2

test-jax: $(VENV)/jax
	$(BIN)/pytest -q -n 2 tests/jax

lint: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict symnet

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# BENCH holds options: make bench BENCH='--quick --rows mlp*'
bench: $(VENV)/bench
	$(BIN)/python -m benchmarks.peers $(BENCH)

build:
	mkdir -p build

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "symnet needs Python 3.11 or later; say which with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || $(PYTHON) -m venv --clear --without-pip $(VENV)
	touch $@

$(VENV)/demo: $(VENV)/python pyproject.toml
	$(PIP) install --quiet --disable-pip-version-check -e '.[demo]'
	touch $@

$(VENV)/dev: $(VENV)/python pyproject.toml
	$(PIP) install --quiet --disable-pip-version-check -e '.[dev,demo]'
	touch $@

$(VENV)/bench: $(VENV)/python pyproject.toml
	$(PIP) install --quiet --disable-pip-version-check -e '.[bench]'
	touch $@

$(VENV)/jax: $(VENV)/dev
	$(PIP) install --quiet --disable-pip-version-check -e '.[dev,demo,jax]'
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
