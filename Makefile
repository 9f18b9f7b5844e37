# `make` alone lists what there is. Every target makes the environment that it needs by itself.
# Plain make and sh only: GNU make from 3.81 and BSD make read this file.

BIN = .venv/bin
READY = .venv/.ready
CHECK_READY = .build/check/.ready
DEMO_READY = .build/demo/.ready
BENCH_READY = .venv-bench/.ready
MUTANTS_READY = .build/mutants-venv/.ready
TOOLS = .build/tools
LAWS = tests/checker/test_laws.py tests/checker/rules/test_row_oracle.py tests/checker/parsing/test_schema_agreement.py \
	tests/checker/parsing/test_json_body.py tests/checker/text/test_redact.py tests/checker/reports/test_report_laws.py \
	tests/checker/recordings/test_masking_laws.py \
	tests/broadcaster/store/ledger/test_ledger_machine.py tests/broadcaster/test_end_to_end.py \
	tests/broadcaster/delivery/test_pace.py \
	tests/mockserver/line_api/test_line_laws.py

help: ## list the targets
	@sed -n 's/^\([a-z][a-z]*\):[^#]*## \(.*\)/make \1 ~\2/p' Makefile | awk -F'~' '{printf "%-16s%s\n", $$1, $$2}'

demo: $(DEMO_READY) ## check the mock, then a broken endpoint, then broadcast to a stand-in for LINE
	@.build/demo/bin/python examples/demo.py

check: $(CHECK_READY) ## check your own endpoint: make check URL=https://… [ARGS='-H "Authorization: Bearer …"']
	@if [ -z "$${URL-}" ]; then echo "Say which endpoint: make check URL=https://example.com/recipients" >&2; exit 2; fi
	@.build/check/bin/broadcast-check "$$URL" $(ARGS)

test: lint types fresh system npm ## everything that CI runs
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/endpoint_examples

quick: lint types fresh ## lint, types, generated files and the tests without sockets and processes
	$(BIN)/python -m pytest -q -n 2 -m pure tests/checker tests/broadcaster tests/schemas

endpoints: $(READY) ## start every example endpoint in its own language, and check it
	@sh tests/install_endpoints.sh
	$(BIN)/python -m pytest tests/endpoint_examples $(ARGS)

lint: $(READY) ## the linter, and whether the format is right
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## put the format right, and what the linter can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## the type checker; what customers start themselves, for Windows, too
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 schemas checker mockserver broadcast_commands.py pytest_broadcast.py

generate: $(READY) ## write the generated files anew
	$(BIN)/python -m scripts.generate
	$(BIN)/python -m scripts.window_catalogues
	$(BIN)/python -m examples.readme_samples

fresh: $(READY) ## whether the generated files are up to date
	$(BIN)/python -m scripts.generate --check
	$(BIN)/python -m scripts.window_catalogues --check
	$(BIN)/python -m examples.readme_samples --check

system: ## install the programs that tests need, where that is allowed
	@sh tests/install_system.sh

npm: system ## install the tools from npm that tests need, where there is npm
	@sh tests/install_npm.sh .build/npm

zipapp: $(READY) ## build dist/broadcast-check.pyz: one file, for machines with only Python
	@sh requirements/zipapp.sh $(BIN)/python dist

bench: $(BENCH_READY) system ## measure speed and memory, side by side with other tools
	.venv-bench/bin/python -m benchmarks $(ARGS)
	.venv-bench/bin/python -m benchmarks.sending

mutants: $(MUTANTS_READY) ## break our code on purpose, one place at a time, and see whether a test notices
	.build/mutants-venv/bin/python -m tests.mutants $(ARGS)

laws: $(READY) ## the laws that Hypothesis tests, with five thousand examples each: half an hour
	$(BIN)/python -m pytest -n 2 -o timeout=0 -o faulthandler_timeout=0 --hypothesis-profile=soak $(LAWS) $(ARGS)

hunts: $(READY) system ## senders, loaders and workers killed hundreds of times: half an hour
	BROADCAST_SOAK=1 $(BIN)/python -m pytest -n 2 -o timeout=0 -o faulthandler_timeout=0 tests/broadcaster/kills tests/broadcaster/queue $(ARGS)

soak: mutants laws hunts $(BENCH_READY) system ## the long hunts whole: mutants, laws, kills, memory; some hours
	.venv-bench/bin/python -m benchmarks --whole $(ARGS)
	.venv-bench/bin/python -m benchmarks.sending --million

lock: ## choose and pin all versions anew; LOCK_ARGS='--upgrade' takes the newest
	@sh requirements/lock.sh $(TOOLS) $(LOCK_ARGS)

clean: ## remove what make has made
	rm -rf .venv .venv-bench .build build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(CHECK_READY): requirements/check.txt requirements/install.sh pyproject.toml
	@mkdir -p .build && sh requirements/install.sh .build/check requirements/check.txt && touch $@

$(DEMO_READY): requirements/demo.txt requirements/install.sh pyproject.toml
	@mkdir -p .build && sh requirements/install.sh .build/demo requirements/demo.txt && touch $@

$(READY): requirements/dev.txt requirements/install.sh pyproject.toml
	@sh requirements/install.sh .venv requirements/dev.txt && touch $@

$(BENCH_READY): requirements/bench.txt requirements/install.sh pyproject.toml
	@sh requirements/install.sh .venv-bench requirements/bench.txt && touch $@

$(MUTANTS_READY): requirements/mutants.txt requirements/install.sh pyproject.toml
	@mkdir -p .build && sh requirements/install.sh .build/mutants-venv requirements/mutants.txt && touch $@

.PHONY: help demo check test quick lint format types generate fresh system npm endpoints zipapp bench mutants laws hunts soak lock clean
