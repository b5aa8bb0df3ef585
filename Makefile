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

# What is installed: the packages for developing, too, but for `make install`
REQUIREMENTS ?= requirements-dev.txt
INSTALLED ?= .venv/.installed

# Which static files are compressed: on a server all, here only what public pages load
STATIC_COMPRESSION ?= public

.PHONY: help setup install run

help:
	@echo "make run      sets up what is missing and serves on http://127.0.0.1:$(PORT)"
	@echo "make test     sets up what is missing and runs every test"
	@echo "make setup    sets up what is missing"
	@echo "make install  sets up a server, without the packages for developing (docs/deploy.md)"

setup: $(DATA_DIR)/static/.collected build/.translated

# A server's own secret is in its environment; none is to be made and kept by who installs.
install:
	@SECRET_KEY="$${SECRET_KEY:-for collecting files alone}" $(MAKE) --no-print-directory setup REQUIREMENTS=requirements.txt \
		INSTALLED=.venv/.installed-on-server STATIC_COMPRESSION=all

run: setup
	@exec $(BIN)/python -m studio.operations.run

# Python packages, from the lock
$(INSTALLED): $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Closing Shot needs Python 3.11 or newer; $(PYTHON) is older or missing. Name another one: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Installing Python packages (a few minutes) …"
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@{ $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
		--no-deps --require-hashes -r $(REQUIREMENTS); echo $$? > .venv/.status; } | \
		awk -v of=$$(grep -c == $(REQUIREMENTS)) \
		'/^(Collecting|Ignoring) / { printf "\r  %d of %d", ++n, of; fflush() } END { print "" }'
	@exit $$(cat .venv/.status)
	@touch $@

# Node comes as a Python package; the front end is built with it
node_modules/.installed: package.json package-lock.json $(INSTALLED)
	@echo "Installing front-end packages …"
	@$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/.built: node_modules/.installed $(FRONT_END)
	@echo "Building the front end …"
	@$(BIN)/npm run --silent build
	@mkdir -p build && touch $@

$(DATA_DIR)/static/.collected: $(INSTALLED) build/.built studio/settings.py $(STATIC_SOURCES)
	@echo "Collecting static files …"
	@mkdir -p -m 700 $(DATA_DIR)
	@STATIC_COMPRESSION=$(STATIC_COMPRESSION) $(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@

# Catalogues of messages, as Django reads them
build/.translated: $(INSTALLED) $(wildcard locale/*/LC_MESSAGES/*.po)
	@mkdir -p build
	@$(BIN)/python manage.py translations compile
	@touch $@

# Checks

.PHONY: lint format messages test fuzz mutate test-database bench chaos attack upload-trial chromium screenshots lock

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/djlint --check --quiet templates
	@node_modules/.bin/prettier --check --log-level warn .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings
	@$(BIN)/python manage.py check --settings tests.settings
	@$(BIN)/python manage.py translations check --settings tests.settings

# Python, templates, JavaScript and CSS, as `make lint` wants them
format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --select I .
	@$(BIN)/djlint --reformat --quiet templates || $(BIN)/djlint --reformat --quiet templates
	@node_modules/.bin/prettier --write --log-level warn .

# The catalogues under locale/, brought up to date with the code
messages: $(INSTALLED)
	@$(BIN)/python manage.py translations update

chromium: $(INSTALLED)
	@$(BIN)/python tests/e2e/chromium.py

# Everything, the browser included. `make test ARGS="-k ledger"` narrows it down.
test: setup chromium
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

# Hundreds of broken files through the pipeline (about ten minutes). `make fuzz ARGS="--count 50"`
fuzz: $(INSTALLED)
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

# Which changes of the rules the tests notice, on a seeded sample of 200; docs/mutation.md is written anew.
# `make mutate ARGS="--count 50 --seed 7"` tries others, ARGS=--all every one.
mutate: setup
	@$(BIN)/python -m tests.mutation $(ARGS)

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
lock: $(INSTALLED)
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header \
		pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-header \
		--extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
