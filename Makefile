# What one does with Baijia. `make help` lists it; each command brings all that it needs, on a fresh Debian 12 as root.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PY := .venv/bin/python
# Our own modules only: `deploy` is no place for a stranger's package of that name.
export PYTHONPATH :=
# The engines' addresses, in the environment of what follows. They start if they do not run.
ENGINES := set -a; addresses=$$($(PY) -m deploy.engines up); eval "$$addresses"; set +a
OURS := deploy gateway services shared tests

.PHONY: help setup engines demo test check format map faults bench up down status picture scale restart logs clean dashboards openapi reference compose lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## host packages and .venv (all others do it first)
	@deploy/setup

engines: setup  ## MongoDB's protocol and RabbitMQ: Docker Compose, or the box
	@$(PY) -m deploy.engines up >/dev/null
	@$(PY) -m deploy.engines status

demo: setup  ## a whole campaign, from the roll to the exhibition
	@$(PY) -m deploy.cli demo $(ARGS)

test: setup  ## all tests but faults and bench; ARGS='-k likes' to choose
	@$(ENGINES); $(PY) -m pytest -m "not faults and not bench" $(ARGS)

check: setup  ## format, lint, types, layers, files made from code
	@.venv/bin/ruff format --check $(OURS)
	@.venv/bin/ruff check $(OURS)
	@.venv/bin/mypy --strict shared services/*/domain.py
	@$(PY) -m pytest --quiet tests/unit/test_layers.py
	@$(PY) -m deploy.generate --check

map: setup  ## rooms, floors and imports of each house; ARGS='--at REVISION' for an earlier layout
	@$(PY) -m tests.house $(ARGS)

format: setup  ## what `check` asks, done
	@.venv/bin/ruff format $(OURS)
	@.venv/bin/ruff check --fix $(OURS)

faults: setup  ## faults under load, a table of faults × invariants; BAIJIA_SEED repeats a run
	@$(ENGINES); $(PY) -m pytest --numprocesses=0 -m faults $(ARGS)

bench: setup  ## measure against the references; writes build/bench.json
	@mkdir -p build
	@$(ENGINES); $(PY) -m pytest --numprocesses=0 -m bench --capture=no --timeout=1800 tests/bench $(ARGS)

up: setup  ## start engines and processes
	@$(PY) -m deploy.manager up

down:  ## stop processes and engines; data stay
	@if [ -x $(PY) ]; then $(PY) -m deploy.manager down; fi

status: setup  ## what runs
	@$(PY) -m deploy.manager status

# The README's picture. A browser with a folder of its own, so that none that runs is disturbed.
picture: setup  ## docs/page.png from the running product, such as the demo leaves; ARGS=address for another
	@eval "$$($(PY) -m deploy.manager env)"; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; mkdir -p docs; \
		chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$$folder" --hide-scrollbars \
		--window-size=1200,1500 --screenshot=docs/page.png \
		"$(or $(ARGS),http://127.0.0.1:$$BAIJIA_GATEWAY_PORT/)" 2>build/picture.log || { cat build/picture.log; exit 1; }

scale: setup  ## more or fewer vote writers: make scale voting=4
	@$(PY) -m deploy.manager scale $(MAKEOVERRIDES)

restart: setup  ## make restart ARGS=gateway
	@$(PY) -m deploy.manager restart $(ARGS)

logs: setup  ## the last lines of each log; ARGS='-f relay' to follow one
	@$(PY) -m deploy.manager logs $(ARGS)

clean: down  ## stop, and delete .venv and build; with data=1 also this checkout's data
	@if [ "$(data)" = 1 ] && [ -x $(PY) ]; then rm -rf --one-file-system "$$($(PY) -m deploy.local.paths)"; fi
	@rm -rf .venv build *.egg-info .hypothesis .ruff_cache
	@find $(OURS) -name __pycache__ -type d -prune -exec rm -rf {} +

dashboards: setup  ## dashboards, alert rules and Kubernetes manifests from code
	@$(PY) -m deploy.generate

openapi: setup  ## docs/reference/openapi.json from the routes and their schemas
	@$(PY) -m deploy.generate openapi.json

reference: setup  ## docs/reference from the code: settings, command line, HTTP, events
	@$(PY) -m deploy.generate settings.md cli.md http.md events.md

compose: setup  ## docker-compose.yml from the process table
	@$(PY) -m deploy.docker.compose

lock: setup  ## requirements*.lock from pyproject.toml; ARGS=--upgrade for the newest
	@$(PY) -m uv pip compile --quiet pyproject.toml --group dev --group bench --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command 'make lock' --output-file requirements.lock $(ARGS)
	@$(PY) -m uv pip compile --quiet pyproject.toml --constraint requirements.lock --python-version 3.11 \
		--generate-hashes --no-annotate --custom-compile-command 'make lock' --output-file requirements-run.lock
