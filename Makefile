# Each target is a line or two that a person could type. Needs Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: lab test notebooks readme sweep scaling screenshots bench clean

lab: $(READY)  ## open the course
	$(BIN)/jupyter lab --allow-root notebooks/00_start_here.ipynb

test: $(READY)  ## everything: style, arrows, package, notebooks, browser
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile \
	    --nbval --nbval-current-env --nbval-sanitize-with tests/sanitize.cfg --nbval-cell-timeout=120 \
	    tests notebooks

notebooks: $(READY)  ## run every notebook again, in place
	$(BIN)/python tools/execute.py notebooks/*.ipynb

readme: $(READY)  ## renew the generated parts of README.md
	$(BIN)/python tools/readme.py

sweep: $(READY)  ## the real-data experiment of notebook 06 again; it goes on where it was stopped
	OMP_NUM_THREADS=1 $(BIN)/python -m contexture_lite.experiment notebooks/data/sweep.csv.gz

scaling: $(READY)  ## the networks of notebook 08 again, a quarter of an hour on two cores
	OMP_NUM_THREADS=1 $(BIN)/python -m contexture_lite.learn.scaling notebooks/data/scaling.csv.gz

screenshots: $(READY)  ## every notebook as a reader sees it, and README's picture
	$(BIN)/python tests/browser/screenshots.py build/screenshots notebooks/*.ipynb
	cp build/screenshots/00_start_here-explorer-1.png docs/explorer.png

bench: $(READY)  ## the speeds, never part of the tests
	OMP_NUM_THREADS=1 $(BIN)/pytest -s benchmarks

clean:
	rm -rf .venv build

# The environment, made once and again whenever its description changes.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "contexture_lite needs Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.12 lab" % sys.version_info[:2])'
	@if command -v uv >/dev/null; then \
	    echo "setup: uv found, so it installs, with the CPU build of torch" && \
	    uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
	    VIRTUAL_ENV=.venv uv pip install --torch-backend=cpu -r requirements.txt; \
	else \
	    echo "setup: no uv, so plain pip installs (minutes); on Linux its torch may bring GBs of CUDA" && \
	    $(PYTHON) -m venv .venv && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt; \
	fi
	@touch $@
