# What a person types: `make run` and `make test`. Both set up first; a second time that is free.

PYTHON ?= python3
PORT ?= 8000
export PORT
DATA_DIR ?= var

BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

# What the static files are collected from.
STATIC_SOURCES := $(foreach room,studio videos/* budgets studio/*,\
	$(wildcard $(room)/static/* $(room)/static/*/* $(room)/static/*/*/* $(room)/static/*/*/*/*))
FRONT_END := $(wildcard build.mjs videos/publishing/player/* videos/publishing/player/*/* videos/media/uploader/*)

.PHONY: help setup run

help:
	@echo "make run     sets up what is missing and serves on http://127.0.0.1:$(PORT)"
	@echo "make test    sets up what is missing and runs every test"
	@echo "make setup   sets up what is missing"

setup: $(DATA_DIR)/static/.collected

run: setup
	@exec $(BIN)/python -m studio.operations.run

# Python packages, from the lock
.venv/.installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Closing Shot needs Python 3.11 or newer; $(PYTHON) is older or missing. Name another one: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Installing Python packages (a few minutes) …"
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

# Node comes as a Python package; the front end is built with it
node_modules/.installed: package.json package-lock.json .venv/.installed
	@echo "Installing front-end packages …"
	@$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/.built: node_modules/.installed $(FRONT_END)
	@echo "Building the front end …"
	@$(BIN)/npm run --silent build
	@mkdir -p build && touch $@

$(DATA_DIR)/static/.collected: .venv/.installed build/.built studio/settings.py $(STATIC_SOURCES)
	@echo "Collecting static files …"
	@mkdir -p -m 700 $(DATA_DIR)
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@

# Checks

.PHONY: lint test fuzz test-database bench chaos attack upload-trial chromium screenshots lock

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings
	@$(BIN)/python manage.py check --settings tests.settings

chromium: .venv/.installed
	@$(BIN)/python tests/e2e/chromium.py

# Everything, the browser included. `make test ARGS="-k ledger"` narrows it down.
test: setup chromium
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

# Hundreds of broken files through the pipeline (about ten minutes). `make fuzz ARGS="--count 50"`
fuzz: .venv/.installed
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

# The tests that use the database; with DATABASE_URL and REDIS_URL set, on those servers.
test-database: setup
	@$(BIN)/pytest -n 2 --dist loadgroup --only-database -m "not e2e" $(ARGS)

# How fast and how good the media work is; the figures go into docs/benchmarks.md.
# `make bench ARGS=encode-dark-1080` measures one thing; what it does not measure stays there.
bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

# The studio while everything around it breaks: on PostgreSQL, Redis and S3, then on SQLite and disk.
# DATABASE_URL and REDIS_URL name the servers, CHAOS_ROUNDS (30) how much is broken.
chaos: setup
	@$(BIN)/python -m tests.chaos servers
	@$(BIN)/python -m tests.chaos laptop

# Hostile visitors and dishonest colleagues against a studio of its own, on this machine alone.
# On SQLite, or on the servers that DATABASE_URL and REDIS_URL name. `make attack ARGS=identity` tries one act.
attack: setup
	@$(BIN)/python -m tests.attack $(ARGS)

# Pictures of the demo studio: all of them in var/screenshots, the README's in docs/screenshots
screenshots: setup chromium
	@PORT=8009 $(BIN)/python -m tests.e2e.screenshots
	@$(BIN)/python -m tests.e2e.uploader_pictures

# A 6 GiB upload through the real uploader, interrupted three times. UPLOAD_TRIAL_BYTES=… for another
.PHONY: upload-trial
upload-trial: setup chromium
	@$(BIN)/python -m tests.e2e.upload_trial

# The lock files, anew from pyproject.toml
lock: .venv/.installed
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header \
		pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header \
		--extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
