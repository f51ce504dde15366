# Each target is a line or two that a person could type. Needs Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
READ := .venv/.ready
TEST := .venv/.ready-to-test
SITE := .venv/.ready-to-site

# As on another processor: other vector units, sums in another order (tests/processor.py)
ANOTHER := NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4" OPENBLAS_CORETYPE=Nehalem \
    ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE OMP_NUM_THREADS=2

# Three on two cores: who drives a browser mostly waits for it. The browser's tests come first.
WORKERS := -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: lab test notebooks docs site slides try-site sweep scaling screenshots bench clean

lab: $(READ)  ## open the course
	$(BIN)/jupyter lab --allow-root notebooks/00_start_here.ipynb

test: $(TEST)  ## everything: style, arrows, package, notebooks, browser; the numbers twice
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	OMP_NUM_THREADS=1 $(BIN)/pytest $(WORKERS) --nbval --nbval-current-env \
	    --nbval-sanitize-with tests/sanitize.cfg --nbval-cell-timeout=120 tests notebooks
	$(ANOTHER) $(BIN)/pytest -m processor $$(grep -rl 'mark\.processor' tests)

notebooks: $(TEST)  ## run every notebook again, in place
	$(BIN)/python tools/execute.py notebooks/*.ipynb

docs: $(READ)  ## renew what is generated in README.md, docs/ and notebooks/
	$(BIN)/python tools/generate.py

site: slides  ## the course as pages that move without a kernel: build/site/index.html
	OMP_NUM_THREADS=1 $(BIN)/python website/make_site.py build/site --npm build/npm/node_modules

slides: $(SITE)  ## a deck for every notebook: build/slides/NAME/index.html
	OMP_NUM_THREADS=1 $(BIN)/python website/slides.py build/slides --npm build/npm/node_modules

try-site: $(TEST)  ## the pages and decks in a browser, where they were built
	$(BIN)/pytest -n 2 -rP website

sweep: $(READ)  ## the real-data experiments of notebook 06 again; they go on where they were stopped
	OMP_NUM_THREADS=1 $(BIN)/python -m contexture_lite.experiment 06 contexture_lite/teach/nb06_association/sweep.csv.gz
	OMP_NUM_THREADS=1 $(BIN)/python -m contexture_lite.experiment 06-sampled contexture_lite/teach/nb06_association/sampled.csv.gz

scaling: $(READ)  ## the networks of notebook 08 again, half an hour on two cores
	OMP_NUM_THREADS=1 $(BIN)/python -m contexture_lite.experiment 08 contexture_lite/teach/nb08_scaling/scaling.csv.gz

screenshots: $(TEST)  ## every notebook as a reader sees it, and README's picture
	$(BIN)/python tests/browser/screenshots.py --closed build/screenshots notebooks/*.ipynb
	cp build/screenshots/00_start_here-explorer-1.png docs/explorer.png

bench: $(TEST)  ## the speeds, never part of the tests
	OMP_NUM_THREADS=1 $(BIN)/pytest -s benchmarks

clean:
	rm -rf .venv build

# The environment, made once and again whenever its description changes: first what reading
# takes; `make test` adds its tools to that.
install = if command -v uv >/dev/null; then \
        VIRTUAL_ENV=.venv uv pip install --torch-backend=cpu -r $<; \
    else \
        $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<; \
    fi

$(READ): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "contexture_lite needs Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.12 lab" % sys.version_info[:2])'
	@if command -v uv >/dev/null; then \
	    echo "setup: uv found, so it installs, with the CPU build of torch" && \
	    uv venv --quiet --allow-existing --python $(PYTHON) .venv; \
	else \
	    echo "setup: no uv, so plain pip installs (minutes); on Linux its torch may bring GBs of CUDA" && \
	    $(PYTHON) -m venv .venv; \
	fi
	@$(install)
	@touch $@

$(TEST): requirements-test.txt $(READ)
	@$(install)
	@touch $@

$(SITE): requirements-site.txt website/package.json $(READ)
	@$(install)
	@mkdir -p build/npm && cp website/package.json build/npm
	@npm install --prefix build/npm --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
