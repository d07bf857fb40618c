# 적극톡: two commands do everything on a fresh machine with Python 3.11+ and make.
#   make demo   the service with a made-up city, no token needed (http://127.0.0.1:8080/rehearsal)
#   make test   all checks; JEOKGEUK_SETUP=1 lets it install what tests need beyond Python
#   make install   the command alone, for an agency (.venv/bin/jeokgeuk)
#   make test-hosts   bad days on many hosts (root, half an hour; JEOKGEUK_HOSTS_SECONDS)
# `make help` lists the rest.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip install --quiet --disable-pip-version-check
PORT   ?= 8080
DATA   ?= var/demo
JOBS   ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo install test test-hosts lint types unit setup lock clean bench bench-peers

help:
	@sed -n 's/^#   //p' $(MAKEFILE_LIST)
	@echo "make lint | types | unit | bench | lock | clean"

# ---- environments -----------------------------------------------------------------------------

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 이상이 필요합니다. 예: make PYTHON=python3.11 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "가상 환경을 만들지 못했습니다. Debian·Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.service: $(VENV)/.python requirements/service.txt
	@echo "필요한 꾸러미를 설치합니다(처음 한 번)…"
	@$(PIP) --require-hashes -r requirements/service.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.service requirements/test.txt
	@echo "검사에 필요한 꾸러미를 설치합니다(처음 한 번)…"
	@$(PIP) --require-hashes -r requirements/test.txt
	@touch $@

# ---- what people do ----------------------------------------------------------------------------

demo: $(VENV)/.service
	@$(VENV)/bin/jeokgeuk demo --port $(PORT) --data $(DATA)

install: $(VENV)/.service
	@echo "$(CURDIR)/$(VENV)/bin/jeokgeuk"

# Types are looked at beside the tests: alone they would keep one core busy and the others idle.
test: $(VENV)/.test setup lint
	@$(MAKE) --no-print-directory --jobs=2 types unit

setup: $(VENV)/.test
	@if [ "$(JEOKGEUK_SETUP)" = 1 ]; then sh tests/setup.sh; fi

lint: $(VENV)/.test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache

types: $(VENV)/.test
	$(VENV)/bin/mypy

unit: $(VENV)/.test
	@rm -f .coverage .coverage.*
	JEOKGEUK_SETUP=$(JEOKGEUK_SETUP) PYTHONDONTWRITEBYTECODE= $(PY) -m coverage run -m pytest -q -n $(JOBS) --dist worksteal --durations=15
	@find . -maxdepth 1 -name '.coverage.*' -empty -delete # of processes that tests killed
	@$(PY) -W error -m coverage combine -q
	@$(PY) -m coverage report >/dev/null || $(PY) -m coverage report

# Hosts are network namespaces: where nobody may make any, it says so in a line and is content.
test-hosts: $(VENV)/.test setup
	@why=$$($(PY) -m tests.hosts.netns); if [ -n "$$why" ]; then echo "$$why"; else \
	  JEOKGEUK_HOSTS=1 PYTHONPATH=$(CURDIR) $(PY) -m pytest -q -s -n 0 --force-enable-socket tests/hosts; fi

bench-peers: .venv-bench/.ready

.venv-bench/.ready: requirements/bench.txt $(VENV)/.python
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

bench: $(VENV)/.test bench-peers
	$(VENV)/bin/jeokgeuk bench turns
	$(VENV)/bin/jeokgeuk bench crash
	PYTHONPATH=$(CURDIR) .venv-bench/bin/python -m bot.cli bench search

# ---- locks: hashed, no index address ----------------------------------------------------------

LOCK := uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --quiet

lock:
	$(LOCK) pyproject.toml requirements/build.in --extra postgres -o requirements/service.txt
	$(LOCK) pyproject.toml requirements/build.in --extra postgres --group test -o requirements/test.txt
	$(LOCK) requirements/emulators.in -o requirements/emulators.txt
	$(LOCK) pyproject.toml requirements/bench.in --extra postgres --extra kiwi --extra train -o requirements/bench.txt

clean:
	rm -rf $(VENV) .venv-emulators .venv-bench node_modules .mypy_cache .ruff_cache .hypothesis
