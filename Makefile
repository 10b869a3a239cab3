# make run   set up, index the sample contracts when the library is empty, open the application
# make test  set up everything the tests need and run lint, types and tests
# make bench everything that is measured, beside its peers, in one run; BENCH='--quick --only bm25' for less
# make train from CUAD= and ACORD= folders to the weights of both models; stops and goes on at any time
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
STAMPS := $(VENV)/.stamps

.PHONY: install run test lint types unit browser samples bench train clean

install: $(STAMPS)/run

run: install
	$(BIN)/proviso ingest --if-empty sample_corpus
	$(BIN)/proviso serve --port $(PORT)

test: $(STAMPS)/test $(STAMPS)/browser lint types
	$(BIN)/python -m pytest

lint: $(STAMPS)/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMPS)/test
	$(BIN)/mypy --strict api core ingest cli serving evals training pages/parts sample_corpus tests benchmarks docs
	$(BIN)/mypy --strict app.py pages/1_Contracts.py pages/2_Rerank_inspector.py pages/3_Page_view.py \
	  pages/4_Evaluation.py pages/5_History.py pages/6_Review.py

unit: $(STAMPS)/test
	$(BIN)/python -m pytest -m "not browser"

browser: $(STAMPS)/test $(STAMPS)/browser
	$(BIN)/python -m pytest -m browser

samples: $(STAMPS)/test
	$(BIN)/python sample_corpus/render.py

bench: $(STAMPS)/bench
	$(BIN)/python -m benchmarks.run $(BENCH)

train: $(STAMPS)/train
	BIN=$(BIN) CUAD=$(CUAD) ACORD=$(ACORD) sh training/train.sh

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Proviso needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: install python3-venv."; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

# torch first and alone: a later step would otherwise pick a build with gigabytes of GPU libraries.
$(STAMPS)/torch: $(STAMPS)/venv constraints.txt
	$(BIN)/pip install --quiet -c constraints.txt torch
	@touch $@

$(STAMPS)/run: $(STAMPS)/torch pyproject.toml
	$(BIN)/pip install --quiet -c constraints.txt -e '.[ocr]'
	@touch $@

$(STAMPS)/test: $(STAMPS)/run
	$(BIN)/pip install --quiet -c constraints.txt -e '.[ocr,dev]'
	@touch $@

$(STAMPS)/bench: $(STAMPS)/test
	$(BIN)/pip install --quiet -c constraints.txt -e '.[ocr,dev,bench]'
	@touch $@

$(STAMPS)/train: $(STAMPS)/test
	$(BIN)/pip install --quiet -c constraints.txt -e '.[ocr,dev,training]'
	@touch $@

$(STAMPS)/browser: $(STAMPS)/test
	@sh deploy/install_browser.sh
	@touch $@
