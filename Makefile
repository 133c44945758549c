# Sayhook. `make` alone lists what there is.
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))) python3)
BIN := .venv/bin
WORKERS ?= 2
MEASURED = --cov --cov-report= --cov-fail-under=0
MEASURED_WHOLE = --cov --cov-append --cov-report=term --cov-fail-under=$(COVERAGE)
# Looked for among all, tests that run alone would be collected for as long as they take.
ALONE = $(if $(findstring tests/,$(PYTEST)),,$$(grep -rl 'mark\.alone' tests --include='*.py' | sort))
# A part of the tests may lie wholly on one side of the two runs below.
OR_NONE = $(if $(PYTEST),|| test $$? -eq 5)

# Each process that may not keep what it compiled compiles all it imports: ten seconds for a speak worker.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test check bench manifests clean

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

run: ## Install once, then start everything; PORT=9000 and SAYHOOK_DATA=/some/folder are honoured
	@$(PYTHON) hub/serve/bootstrap.py run
	@$(BIN)/python -m hub serve --stop-with-parent

test: ## Install once, then run every test; COVERAGE=90 also demands that share of branches
	@$(PYTHON) hub/serve/bootstrap.py test
	@$(BIN)/python -m hub models fetch
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not alone" $(if $(COVERAGE),$(MEASURED)) $(PYTEST) $(OR_NONE)
	@$(BIN)/python -m pytest -m alone $(ALONE) $(if $(COVERAGE),$(MEASURED_WHOLE)) $(PYTEST) $(OR_NONE)

check: ## Format, lint and types
	@$(PYTHON) hub/serve/bootstrap.py test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy manifests/archives.py # apart: the folders beside it have the names of libraries

bench: ## How fast this machine speaks
	@$(PYTHON) hub/serve/bootstrap.py run
	@$(BIN)/python -m hub bench engine

manifests: ## What platforms install, in dist/manifests; HUB=https://your.hub puts your address in, ONLY=make builds one
	@$(PYTHON) manifests/archives.py $(if $(HUB),--hub $(HUB)) $(ONLY)
