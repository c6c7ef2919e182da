# Every command a developer or CI runs. Each sets up what it needs, from nothing: it says first what the machine lacks
# (Rust, Python with venv, a C compiler) and how long it takes. The package registries must be within reach.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
export VIRTUAL_ENV := $(VENV)
export PATH := $(BIN):$(PATH)
UV := $(shell command -v uv)

# What a command takes, said before it begins; rounded up, since both cores are seldom idle.
TAKES_demo := seconds; the first time 2 to 3 minutes on 2 cores
TAKES_build := the first time 2 to 3 minutes on 2 cores; nothing while no Rust source is newer
TAKES_test := 8 to 12 minutes on 2 cores; the first time 12 to 16
TAKES_all := 10 to 15 minutes on 2 cores; the first time 15 to 20
TAKES_page := seconds; the first time half a minute
TAKES_wheel := 2 to 3 minutes on 2 cores
TAKES_wheels := 2 to 5 minutes for each wheel on 2 cores
TAKES_test-pythons := 10 to 15 minutes for each Python on 2 cores

PAGE_SOURCES := $(shell find src/page -type f)
PAGE_MODULES := $(CURDIR)/.make/page/node_modules
TSC := node $(PAGE_MODULES)/typescript/bin/tsc
RUST_SOURCES := $(shell find src -name '*.rs') Cargo.toml Cargo.lock pyproject.toml

.PHONY: help prerequisites demo examples wheel wheels test test-rust test-py test-wheel test-pythons conformance strike compare-k6 test-servers page schema test-page test-page-units lint audit format build bench bench-fan-in bench-fan-out bench-framed bench-deflate bench-requests bench-fidelity bench-pacing bench-connections bench-start-up bench-page bench-wheels bench-quick all clean
help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 19

prerequisites:
	@PYTHON="$(PYTHON)" .ci/check-prerequisites
	@$(foreach goal,$(MAKECMDGOALS),$(if $(TAKES_$(goal)),echo "make $(goal): $(TAKES_$(goal))";))

# Where nothing was built yet the extension is made sooner; whatever else needs it makes the best one.
demo: prerequisites ## run a real script against the built-in echo target
	@$(MAKE) --no-print-directory .make/built$$([[ -e .make/built ]] || echo -demo)
	@$(BIN)/python examples/targets/run.py ws_echo.py

examples: build ## run every example against its target
	@$(BIN)/python examples/targets/run.py

# Wheels are built by a module of tests/wheel, which looks for Pythons and at what it has built.
WHEEL := PYTHONPATH=tests $(BIN)/python -m wheel

wheel: prerequisites .make/wheel-tools page ## one manylinux_2_28 wheel of this Python, in dist/
	@$(WHEEL) this

wheels: prerequisites .make/wheel-tools page ## a wheel for every Python found, one for all to come, and the sdist; PYTHONS=…, TARGETS=… choose
	@$(WHEEL) all

test: prerequisites test-rust test-py ## everything that must hold

test-rust: ## the core, without Python
	@.ci/check-prerequisites rust cc
	@.ci/with-progress .make/test-rust.log "compiling the tests of the core" \
	cargo test --no-default-features --lib --no-run
	@.ci/with-progress - "" cargo test --no-default-features --lib --quiet

test-py: .make/test-tools .make/autobahn.done build ## the package, against real servers; a wheel of it, installed
	@$(WHEEL) packed
	@WHEELS=.make/wheels/packed .ci/with-progress - "" $(BIN)/python -m pytest

# What `make wheels` has left, or else the wheel of this Python.
test-wheel: .make/test-tools .make/wheel-tools build ## every wheel of dist/ that runs here in an empty environment, without cargo; the sdist
	@[[ -n "$$(compgen -G 'dist/k6ws-*.whl')" ]] || $(MAKE) --no-print-directory wheel
	WHEELS=dist $(BIN)/python -m pytest tests/wheel

test-pythons: prerequisites .make/wheel-tools page ## the suite under every other Python found, each with its wheel; PYTHONS=… chooses
	@$(WHEEL) suites

bench-wheels: .make/bench-tools .make/wheel-tools ## what Python's limited API costs: both wheels of this Python in dist/, in turn
	$(BIN)/python bench/wheels.py

conformance: .make/test-tools .make/autobahn.done build ## every case of the Autobahn suite, as client and as server; takes a while
	AUTOBAHN_CASES='1.*,2.*,3.*,4.*,5.*,6.*,7.*,9.*,10.*,12.*,13.*' AUTOBAHN_LIMIT_S=2400 \
	$(BIN)/python -m pytest -o faulthandler_timeout=2500 tests/integration/ws/test_autobahn.py

strike: .make/test-tools build ## 500 runs struck by signals at random instants; 50 of them are in test-py
	STRIKE_ROUNDS=500 $(BIN)/python -m pytest tests/strike

compare-k6: build ## the same scenarios under k6, if it is on PATH, and under k6ws, side by side
	$(BIN)/python tests/compare_k6/run.py

# Servers that nobody here wrote; what cannot be installed here is skipped, and the skip names its package.
SERVER_PACKAGES := nginx-light libnginx-mod-stream haproxy tinyproxy-bin microsocks dnsmasq-base nodejs mosquitto \
	nats-server redis-server redis-tools rabbitmq-server postgresql
SERVER_MODULES := ws@8 socket.io@4 graphql@16 graphql-ws@6

# RUNLEVEL=1: what is installed is started by the tests alone.
test-servers: .make/test-tools .make/servers-tools build ## install the servers of the interop tests, where that can be, and run these
	-@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	RUNLEVEL=1 apt-get install --yes --quiet --no-install-recommends $(SERVER_PACKAGES) >/dev/null; \
	else echo "not installed, for want of root or apt-get: $(SERVER_PACKAGES)"; fi
	-@if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund --prefix .make/node $(SERVER_MODULES); \
	else echo "not installed, for want of npm: $(SERVER_MODULES)"; fi
	$(BIN)/python -m pytest -rs tests/interop

page: .make/page/built ## build the page of reports and live runs; needs npm, or fetches it

schema: build ## write the JSON Schema of options anew, for editors
	PYTHONPATH=tests $(BIN)/python -m support.options_schema

test-page-units: .make/page/tools ## types and arithmetic of the page, without a browser
	$(TSC) -p src/page
	node src/page/build.mjs --tests .make/page/test $(PAGE_MODULES)
	node --test .make/page/test/*.mjs

# A real browser: Debian's, driven by Playwright; what finds barriers in a page is axe-core, from npm.
AXE := axe-core@4.14.1

test-page: .make/lint-tools .make/test-tools .make/browser-tools .make/page/axe build page ## the page in a real browser, live and saved; installs Chromium where that can be
	$(BIN)/pyright --project tests/page
	$(BIN)/python -m pytest -rs tests/page $(ARGS)

bench-page: .make/test-tools .make/browser-tools .make/page/axe page ## how soon the page of an hour opens (200 series; and 214, a third of them trends), and how fast its brush is
	@$(PAGE_MODULES)/.bin/esbuild src/page/test/write_run.ts --bundle --platform=node --format=esm \
	--log-level=warning --outfile=.make/page/write_run.mjs
	@node .make/page/write_run.mjs python/k6ws/_ui/page.html .make/page/hour.html hour
	@node .make/page/write_run.mjs python/k6ws/_ui/page.html .make/page/large.html 3600 1000 66
	PYTHONPATH=tests $(BIN)/python -m page.measure .make/page/hour.html .make/page/large.html

lint: .make/lint-tools .make/test-tools build ## formatting, lints, types, with and without the binding; what the message path may cost
	cargo fmt --check
	cargo clippy --all-targets --no-default-features -- -D warnings
	cargo clippy --all-targets -- -D warnings
	cargo clippy --features abi3 -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/python bench/budgets.py

audit: .make/audit-tools build ## licences, sources, secrets, a bill of materials; known faults where their database can be asked
	PYTHONPATH=tests $(BIN)/python -m audit

format: .make/lint-tools ## put everything in shape
	cargo fmt
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

build: .make/built ## build the extension into .venv, optimised

bench: .make/bench-tools build ## the full comparison with the floor and peers; takes a while
	cargo bench --no-default-features --benches --no-run --quiet
	cargo bench --no-default-features --bench page --quiet
	$(BIN)/python bench/run.py

bench-fan-in: .make/bench-tools build ## what a pushed message costs, beside picows
	$(BIN)/python bench/fan_in.py

bench-fan-out: .make/bench-tools build ## what a push costs that thousands hear and k6ws times, and how old it is
	$(BIN)/python bench/fan_out.py

bench-deflate: .make/bench-tools build ## what a compressed message costs, beside websockets and aiohttp
	$(BIN)/python bench/deflate.py

bench-requests: .make/bench-tools build ## what a request costs that is answered and timed, beside the floor
	$(BIN)/python bench/requests.py

bench-fidelity: .make/bench-tools build ## how far the times of requests are from what the target itself says
	$(BIN)/python bench/fidelity.py

bench-framed: .make/bench-tools build ## how many lines over TCP come back in a second, beside k6, if its TCP module is there
	$(BIN)/python bench/framed.py

bench-pacing: .make/bench-tools build ## whether messages and connects that have a rate hold it, as the target sees it
	$(BIN)/python bench/pacing.py

bench-connections: .make/bench-tools build ## what a connect and an idle connection cost, with TLS and without
	cargo bench --no-default-features --bench rustls_idle --no-run --quiet
	$(BIN)/python bench/connections.py

bench-start-up: .make/bench-tools build ## what a process pays before it begins its work
	$(BIN)/python bench/start_up.py

bench-quick: .make/bench-tools build ## the comparison with the floor and peers in under two minutes
	$(BIN)/python bench/run.py --quick

all: lint test demo examples ## what CI runs

clean: ## forget what was built
	rm -rf .venv .make target python/k6ws/*.so python/k6ws/_ui/page.html LICENSES-third-party.txt

# A virtual environment, made by uv where it is present.
.make/venv: Makefile | prerequisites
	@mkdir -p .make
ifdef UV
	@$(UV) venv --quiet --allow-existing --python "$(PYTHON)" $(VENV)
else
	@.ci/with-progress .make/venv.log "setting up .venv" "$(PYTHON)" -m venv $(VENV)
	$(call install,pip,--upgrade "pip>=25.1")
endif
	@touch $@

# $(call install,name,what): into the environment, by uv or pip; `name` is that of its log.
install = @.ci/with-progress .make/$(1).log "installing $(1)" \
	$(if $(UV),$(UV) pip,$(BIN)/python -m pip) install $(2)

# The way of `pip install .`, an editable wheel by maturin as a PEP 517 backend: cargo then finds for either what it built
# for the other. `use-base-python` in pyproject.toml makes it so in every environment.
.make/built: BUILDING := the extension, optimised: 2 to 3 minutes on 2 cores
.make/built-demo: BUILDING := the extension with thin LTO, a little slower than that of make build: 1 to 2 minutes on 2 cores
.make/built-demo: export MATURIN_PEP517_ARGS := --profile demo
.make/built .make/built-demo: $(RUST_SOURCES) .make/build-tools
	@rm -rf .make/editable && mkdir .make/editable
	@.ci/with-progress .make/build.log "building $(BUILDING); next time nothing is built" \
	$(BIN)/python -c 'import maturin; maturin.build_editable(".make/editable")'
	$(call install,k6ws,--no-deps --force-reinstall .make/editable/*.whl)
	$(call install,dependencies,.make/editable/*.whl)
	@touch $@

# Types are looked at first: a bundler drops them.
.make/page/built: $(PAGE_SOURCES) .make/page/tools
	@$(TSC) -p src/page
	@node src/page/build.mjs python/k6ws/_ui/page.html $(PAGE_MODULES)
	@touch $@

# Node and npm of PATH, else those that a package of Python brings. No package runs a script of its own.
.make/page/tools: src/page/package.json src/page/package-lock.json src/page/.npmrc .make/venv
	@command -v npm >/dev/null || $(MAKE) --no-print-directory .make/page-tools
	@mkdir -p .make/page && cp src/page/package.json src/page/package-lock.json src/page/.npmrc .make/page/
	@.ci/with-progress .make/page.log "fetching what builds the page" npm ci --ignore-scripts --prefix .make/page
	@touch $@

# What tests/page needs beside it: a browser, where that can be installed, and the finder of barriers.
.make/page/axe: Makefile .make/page/tools
	@command -v chromium >/dev/null || if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	.ci/with-progress .make/chromium.log "installing Debian's chromium" \
	apt-get install --yes --quiet --no-install-recommends chromium; fi
	@.ci/with-progress .make/axe.log "installing $(AXE)" \
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix .make/page/axe-core $(AXE)
	@touch $@

.make/%-tools: pyproject.toml .make/venv
	$(call install,$*-tools,--group $*)
	@touch $@

# The Autobahn suite; where it cannot be had, the tests that need it are skipped and say why.
.make/autobahn.done: tests/conformance/setup.sh .make/venv
	@if .ci/with-progress .make/autobahn.log "setting up the Autobahn suite" \
	tests/conformance/setup.sh .make/autobahn; then touch $@; fi
