# make run: try it. make test, make check: before pushing. make bench: the figures of docs/benchmarks.md.
.DEFAULT_GOAL := run
.PHONY: run setup system test servers check bench messages clean

NETCENTER_PORT ?= 8000
NETCENTER_DEMO ?= 1
PYTHON ?= python3
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE  # tests start dozens of servers, which would compile every module again
STAMP := .venv/.ready

run: setup  ## serve the demo (NETCENTER_DEMO=0: the clean product)
	NETCENTER_DEMO=$(NETCENTER_DEMO) $(BIN)/netcenter serve --port $(NETCENTER_PORT)

setup: $(STAMP)  ## the environment, nothing when nothing changed

$(STAMP): requirements.txt pyproject.toml scripts/setup
	PYTHON=$(PYTHON) scripts/setup
	@touch $@

system:  ## what the tests need of Debian, where we may install it
	@scripts/system

# A file stays with one worker, which keeps its browser and its servers; tests/conftest.py says which comes first.
# On two cores three work where browsers are waited for, and two where each has a PostgreSQL of its own.
TESTS := $(BIN)/pytest --dist loadfile --no-loadscope-reorder

# On PostgreSQL again whatever writes and reads; who may open which page, and in which language, is the same there.
ON_POSTGRES := -m "not browser and not mail and not postgres and not servers" --ignore tests/site --ignore tests/street \
	--ignore tests/look --ignore tests/setup/test_pages.py --ignore tests/live

test: setup system  ## on SQLite, then on PostgreSQL
	$(TESTS) -n 2
	$(BIN)/python -m tests.servers.postgres $(TESTS) -n 2 $(ON_POSTGRES)

servers: setup system  ## the channels against real servers, which are installed first: minutes
	scripts/servers
	$(BIN)/pytest -m servers

check: setup  ## style, types, floors, migrations, translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy src/netcenter
	$(BIN)/lint-imports
	NETCENTER_DATA=build/check $(BIN)/netcenter makemigrations --check --dry-run
	NETCENTER_DATA=build/check $(BIN)/netcenter messages --check

messages: setup  ## compile the translations, and tell what is missing
	NETCENTER_DATA=build/check $(BIN)/netcenter messages --check

bench: setup system  ## the figures
	$(BIN)/python -m bench

clean:
	rm -rf .venv build
