# Everything a person does here. `make run` and `make test` need nothing but this checkout.
PYTHON_BIN := .venv/bin/python
BOT := .venv/bin/bot
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install run chat train evaluate benchmark sockets screenshots migration validate test lint lock clean

help: ## List these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

install: $(STAMP) ## Make the environment from the lock file

$(STAMP): requirements/app.lock requirements/uv.lock pyproject.toml scripts/install.sh
	@bash scripts/install.sh
	@touch $@

run: $(STAMP) ## Train if needed, start the assistant, say where it is (Ctrl-C stops all)
	@$(BOT) run

chat: $(STAMP) ## Talk to the assistant in this terminal
	@$(BOT) chat

train: $(STAMP) ## Train a model for the present data
	@$(BOT) train

evaluate: $(STAMP) ## Measure understanding on the test questions, beside the stock Rasa pipeline
	@$(BOT) evaluate

benchmark: $(STAMP) ## Measure speed beside the stock Rasa assistant
	@$(PYTHON_BIN) -m benchmarks.turns

sockets: $(STAMP) ## Measure two hundred patients on the website at once
	@$(PYTHON_BIN) -m benchmarks.sockets

screenshots: $(STAMP) ## Take pictures of the widget's states in the system's Chromium
	@$(PYTHON_BIN) -m tests.browser.screenshots

migration: $(STAMP) ## Note what changed in the tables of bot/store: make migration NAME="what changed"
	@$(BOT) migration "$(NAME)"

validate: $(STAMP) ## Check settings, answers, languages, rules and stories
	@$(BOT) validate

test: $(STAMP) ## Pass all tests (trains the model first if there is none)
	@$(BOT) validate
	@$(BOT) train
	@$(PYTHON_BIN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=15

lint: $(STAMP) ## Check style and types
	@.venv/bin/ruff check .
	@.venv/bin/mypy

lock: $(STAMP) ## Resolve requirements/*.in again
	@bash scripts/lock.sh

clean: ## Remove environment, models and caches; conversations in var/ stay
	@rm -rf .venv models .rasa reports
