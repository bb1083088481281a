# Commands for working with Baijia. `make help` lists them; each installs what it needs, on a fresh Debian 12 as root.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PY := .venv/bin/python
# Only our own modules, so that no other package named `deploy` can be imported.
export PYTHONPATH :=
# Exports the engines' addresses to the commands that follow, and starts the engines if they do not run.
ENGINES := set -a; addresses=$$($(PY) -m deploy.engines up); eval "$$addresses"; set +a
OURS := deploy gateway services shared tests

.PHONY: help setup engines demo test check format map faults bench up down status picture scale restart logs clean dashboards openapi reference compose lock

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## install host packages and .venv (every other command does this first)
	@deploy/setup

engines: setup  ## start MongoDB and RabbitMQ: with Docker Compose, or in the box
	@$(PY) -m deploy.engines up >/dev/null
	@$(PY) -m deploy.engines status

demo: setup  ## run a complete campaign, from the roll of unions to the exhibition
	@$(PY) -m deploy.cli demo $(ARGS)

test: setup  ## run all tests except faults and bench; ARGS='-k likes' selects some
	@deploy/setup tests
	@$(ENGINES); $(PY) -m pytest -m "not faults and not bench" $(ARGS)

check: setup  ## check format, lint, types, layers, names and generated files
	@.venv/bin/ruff format --check $(OURS)
	@.venv/bin/ruff check $(OURS)
	@.venv/bin/mypy --strict shared services/*/domain.py
	@$(PY) -m pytest --quiet tests/unit/test_layers.py tests/unit/test_names.py tests/unit/test_architecture_tables.py
	@$(PY) -m deploy.generate --check

map: setup  ## count folders, layers and imports of each package; ARGS='--at REVISION' for an earlier layout
	@$(PY) -m tests.house $(ARGS)

format: setup  ## apply the format and the fixes that `check` requires
	@.venv/bin/ruff format $(OURS)
	@.venv/bin/ruff check --fix $(OURS)

faults: setup  ## inject faults under load, and print faults × invariants; BAIJIA_SEED repeats a run
	@$(ENGINES); $(PY) -m pytest --numprocesses=0 -m faults $(ARGS)

bench: setup  ## measure performance against the references; writes build/bench.json
	@mkdir -p build
	@$(ENGINES); $(PY) -m pytest --numprocesses=0 -m bench --capture=no --timeout=1800 tests/bench $(ARGS)

up: setup  ## start the engines and all processes
	@$(PY) -m deploy.manager up

down:  ## stop all processes and the engines; data stay
	@if [ -x $(PY) ]; then $(PY) -m deploy.manager down; fi

status: setup  ## show what runs
	@$(PY) -m deploy.manager status

# Renews the README's picture. The browser gets its own profile folder, so that a running browser is not disturbed.
picture: setup  ## take docs/page.png from the running product (for example after the demo); ARGS=address for another page
	@eval "$$($(PY) -m deploy.manager env)"; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; mkdir -p docs; \
		chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$$folder" --hide-scrollbars \
		--window-size=1200,1500 --screenshot=docs/page.png \
		"$(or $(ARGS),http://127.0.0.1:$$BAIJIA_GATEWAY_PORT/)" 2>build/picture.log || { cat build/picture.log; exit 1; }

scale: setup  ## change the number of vote writers: make scale voting=4
	@$(PY) -m deploy.manager scale $(MAKEOVERRIDES)

restart: setup  ## restart processes: make restart ARGS=gateway
	@$(PY) -m deploy.manager restart $(ARGS)

logs: setup  ## show the last lines of each log; ARGS='-f relay' follows one
	@$(PY) -m deploy.manager logs $(ARGS)

clean: down  ## stop everything, delete .venv and build, and with data=1 this checkout's data
	@if [ "$(data)" = 1 ] && [ -x $(PY) ]; then rm -rf --one-file-system "$$($(PY) -m deploy.local.paths)"; fi
	@rm -rf .venv build *.egg-info .hypothesis .ruff_cache
	@find $(OURS) -name __pycache__ -type d -prune -exec rm -rf {} +

dashboards: setup  ## generate all files that are made from code, dashboards, alert rules and manifests among them
	@$(PY) -m deploy.generate

openapi: setup  ## generate docs/reference/openapi.json from the routes and their schemas
	@$(PY) -m deploy.generate openapi.json

reference: setup  ## generate docs/reference from the code: settings, command line, HTTP, events
	@$(PY) -m deploy.generate settings.md cli.md http.md events.md

compose: setup  ## generate docker-compose.yml from the process table
	@$(PY) -m deploy.docker.compose

lock: setup  ## lock requirements*.lock to pyproject.toml; ARGS=--upgrade takes the newest versions
	@$(PY) -m uv pip compile --quiet pyproject.toml --group dev --group bench --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command 'make lock' --output-file requirements.lock $(ARGS)
	@$(PY) -m uv pip compile --quiet pyproject.toml --constraint requirements.lock --python-version 3.11 \
		--generate-hashes --no-annotate --custom-compile-command 'make lock' --output-file requirements-run.lock
