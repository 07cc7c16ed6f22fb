# `make run` serves the dashboard, `make test` runs everything the project checks.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test browser bench clean

run: $(VENV)/.ahead
	$(BIN)/streamlit run dashboard/app.py

# The browser waits half of its time: so there is a process more than processors.
test: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy & types=$$!; $(BIN)/lint-imports; imports=$$?; wait $$types && exit $$imports
	$(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder

# Times of pages, cold and warm, in a real browser.
bench: $(VENV)/.test
	$(BIN)/python benchmarks/pages.py

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Ermine needs Python 3.11 or newer"'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

# The default runs, carried out once: the pages then open with their answer.
$(VENV)/.ahead: $(VENV)/.run
	$(BIN)/python -m core.runs.ahead
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
