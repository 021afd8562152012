# Every target alone does all its set-up, on a fresh clone, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
PEER := .venv-bench
TOKENIZER := gpt-tokenizer@4.0.0

.PHONY: venv demo test lowest fuzz soak bench bench-sandbox bench-questions wheel format clean help

help: ## what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

venv: $(STAMP) ## create or refresh .venv with the package and its development tools

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

demo: $(STAMP) ## a day's questions on all four providers, on the embedded sandbox, through a real MCP client
	$(BIN)/audience-mcp demo

test: $(STAMP) ## everything CI checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/size.py
	$(BIN)/audience-mcp tools --check
	$(BIN)/python -m pytest -n auto --dist loadfile
	$(MAKE) --no-print-directory wheel

bench-questions: $(STAMP) ## the questions of docs/sandbox.md by tool calls and SQL: calls and tokens each takes
	$(BIN)/python -m bench.questions

fuzz: $(STAMP) ## arguments of every tool, good and hostile; schemathesis on the running sandbox; every property, long (minutes)
	PYTHONPATH=tests $(BIN)/python -m fuzz.arguments
	PYTHONPATH=tests $(BIN)/python -m fuzz
	$(BIN)/python -m pytest -n auto --dist loadfile -m hypothesis --hypothesis-profile=thorough

soak: $(STAMP) ## 20,000 calls in bad weather, with the sandbox's journal as witness, and 10,000 at once (some minutes)
	PYTHONPATH=tests $(BIN)/python -m soak

wheel: $(STAMP) ## build the wheel, install it alone into a fresh environment, and use it
	$(BIN)/python tests/wheel.py

lowest: ## the suite on the lowest supported versions of mcp, httpx and pydantic
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	.venv-lowest/bin/python -m pip install --quiet --editable . --group dev
	.venv-lowest/bin/python tests/lowest.py
	.venv-lowest/bin/python -m pytest -n auto --dist loadfile

bench: $(STAMP) $(PEER)/.ready ## this server beside FastMCP from_openapi, in turn (some minutes); writes docs/benchmarks.md
	$(BIN)/python -m bench

bench-sandbox: $(STAMP) ## what the sandbox costs at 200,000 and at 1,000,000 events
	$(BIN)/python -m bench.sandbox

# The peer lives in an environment of its own. Without npm, tokens are estimated instead of counted.
$(PEER)/.ready: bench/peer-requirements.txt
	$(PYTHON) -m venv $(PEER)
	$(PEER)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(PEER)/bin/python -m pip install --quiet --requirement $<
	command -v npm >/dev/null && npm install --silent --no-audit --no-fund --prefix $(PEER) $(TOKENIZER) || true
	@touch $@

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what the targets made
	rm -rf $(VENV) .venv-lowest $(PEER) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
