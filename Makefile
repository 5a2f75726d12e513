# Needs Python 3.11 or later, make and a C compiler; `make contracts` and `make peers` also Node.js 20 with npm.
# Everything is installed into .venv from the hashed locks in requirements/; nothing outside the checkout is touched.

# Used when .venv is made; `make clean` first to change it.
PYTHON ?= python3
# Passed on to the command of the goal, e.g. `make conform ARGS="--calls 500"`. Assigned here so that a variable of
# this name in the environment does not change a run unseen.
ARGS :=
JOBS := 2

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CODE := spec ledger conformance tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install install-dev conform test trust bench peers contracts contracts-write lint format lock clean

help: ## Print the goals
	@echo "usage: make GOAL [ARGS=\"options of the goal's command\"] [PYTHON=python3.12]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r goal text; do \
	    printf '  %-16s %s\n' "$$goal" "$$text"; done

# The stamps stand for what is installed: a changed lock or pyproject.toml is newer than its stamp and re-installs.
# A lock is whole, so nothing is resolved: older pips look for the newest `coverage[toml]` although `coverage` is pinned,
# and refuse it for want of a hash. `pip check` would tell what the lock lacks.
$(VENV)/.created:
	@command -v "$(PYTHON)" >/dev/null || { \
	    echo "error: '$(PYTHON)' not found: install Python 3.11 or later, or name one with 'make PYTHON=...'" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "error: '$(PYTHON)' is older than Python 3.11: name a later one with 'make PYTHON=...'" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "error: '$(PYTHON)' lacks venv or ensurepip: install them (Debian and Ubuntu: python3-venv)" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/.created
	$(PIP) install --quiet --require-hashes --no-deps -r requirements/run.txt
	$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	$(PIP) check
	@touch $@

# The dev lock holds the run lock's versions and more, so one environment serves both.
$(VENV)/.dev: requirements/dev.txt requirements/run.txt pyproject.toml | $(VENV)/.created
	$(PIP) install --quiet --require-hashes --no-deps -r requirements/dev.txt
	$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	$(PIP) check
	@touch $(VENV)/.run $@

install: $(VENV)/.run ## Install what the ledger and `diem` need into .venv
install-dev: $(VENV)/.dev ## Install the tools for tests and lint as well

conform: $(VENV)/.run ## Compare the specification with the compiled contracts, call by call
	$(BIN)/diem conform $(ARGS)

# With the tools for tests, because they bring pyrevm, a peer.
bench: $(VENV)/.dev ## Measure us beside our peers
	$(BIN)/diem bench $(ARGS)

# Coverage is gated only on a whole run: with ARGS a run may be of one test.
test: $(VENV)/.dev ## Run the tests; fails below 100 % branch coverage of spec/, or 95 % of ledger/
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-branch --cov-report= $(ARGS)
ifeq ($(strip $(ARGS)),)
	@echo "Branch coverage of ledger/, which must be 95 %:"
	@$(BIN)/coverage report --include='ledger/*' --show-missing --fail-under=95
	@echo "Branch coverage of spec/, which must be 100 %:"
	@$(BIN)/coverage report --include='spec/*' --show-missing --fail-under=100
else
	@echo "Branch coverage, not enforced because ARGS are given:"
	@$(BIN)/coverage report --include='spec/*,ledger/*'
endif

# Without Node.js the mutants of the Solidity are left out, and it is said so.
trust: $(VENV)/.dev ## Compute anew how far a green run can be trusted; fails where that is not as committed (some 30 minutes)
	if command -v npm >/dev/null; then cd conformance/contracts && npm ci --ignore-scripts; fi
	$(BIN)/diem trust saboteurs
	$(BIN)/diem trust proofs
	$(BIN)/diem trust reach
	$(BIN)/diem trust mutants
	$(BIN)/diem trust scores

peers: ## Install Foundry's programs, to compare the node with, viem and a browser for the tests, and the second client
	cd conformance/peers && npm ci --ignore-scripts
	cd tests/clients && npm ci --ignore-scripts
	cd tests/report/browser && npm ci --ignore-scripts
	cd conformance/clients/typescript && npm ci --ignore-scripts && npm run build

contracts: ## Compile the contracts and compare the result with the committed artifacts
	cd conformance/contracts && npm ci --ignore-scripts && node build.mjs --check && node build.mjs --targets --check

contracts-write: ## Compile the contracts and write the artifacts
	cd conformance/contracts && npm ci --ignore-scripts && node build.mjs && node build.mjs --targets

lint: $(VENV)/.dev ## Check format, lint rules and types
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)

format: $(VENV)/.dev ## Format the code and apply the safe lint fixes
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

# The tool that writes the locks has an environment of its own: it is in nobody else's way, and is locked too.
$(VENV)/.lock: requirements/lock.txt | $(VENV)/.created
	"$(PYTHON)" -m venv --clear $(VENV)/lock
	$(VENV)/lock/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r requirements/lock.txt
	@touch $@

# One lock for every supported Python and platform; without a config file and index lines, because a lock must not
# carry the addresses of the machine that wrote it.
COMPILE = $(VENV)/lock/bin/uv pip compile --no-config --universal --python-version 3.11 --generate-hashes \
    --no-header --no-emit-index-url --no-emit-find-links --annotation-style line --quiet $(ARGS)
lock: $(VENV)/.lock ## Write requirements/*.txt anew, keeping the pins that still fit (ARGS=--upgrade renews them)
	$(COMPILE) requirements/lock.in --output-file requirements/lock.txt
	$(COMPILE) pyproject.toml requirements/build.in --output-file requirements/run.txt
	$(COMPILE) pyproject.toml requirements/build.in --extra dev --extra fast --extra cluster --extra proofs --constraint requirements/run.txt \
	    --output-file requirements/dev.txt

clean: ## Remove the environment, caches and build results
	rm -rf $(VENV) .venv-* build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage .coverage.* htmlcov
	rm -rf conformance/contracts/node_modules conformance/peers/node_modules tests/clients/node_modules tests/report/browser/node_modules
	rm -rf conformance/clients/typescript/node_modules conformance/clients/typescript/dist
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
