"""`bot`: run, chat, ask, parse, train, evaluate, validate, staff. Commands are declared here, done elsewhere."""
from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Iterable, List, Optional

from bot.quiet import QUIET

os.environ.update(QUIET)  # before anything imports TensorFlow or SQLAlchemy

import typer

from bot.errors import AssistantError

app = typer.Typer(
    help="The patient assistant for kyphoplasty and vertebroplasty. Start with: bot run",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

accounts = typer.Typer(help="Accounts of the staff console.", no_args_is_help=True)
app.add_typer(accounts, name="staff")


def say(text: str) -> None:
    """Prints a line for the operator."""
    typer.echo(text)


@app.command()
def run() -> None:
    """Train if the data changed, start the assistant and its action server, stop both on Ctrl-C."""
    from bot.cli import server, training, validation
    from bot.store import database

    validation.settings_and_answers()
    database.prepare()
    raise typer.Exit(server.run(training.train(say), say))


@app.command()
def chat(language: Optional[str] = typer.Option(None, help="First language: en, fr or tr.")) -> None:
    """Talk to the assistant here; starts it if it is not running. A number presses a button, Ctrl-D ends."""
    from bot.cli import server, training
    from bot.cli.terminal import converse

    training.train(say)
    say("Connecting …")
    with server.running() as client:
        converse(client, language)


@app.command()
def ask(
    text: str = typer.Argument(..., help="The question, in any of the languages."),
    session: Optional[str] = typer.Option(None, help="Name of a conversation to go on with."),
) -> None:
    """Ask one question and print the answer; starts the assistant for it if it is not running."""
    from bot.cli import server
    from bot.cli.terminal import show

    with server.running() as client:
        if session:
            client.resume(session)
        show(client.send(text))


@app.command()
def parse(source: str = typer.Argument(..., help="A file of questions, or - for standard input.")) -> None:
    """Show what the assistant understands, one JSON object a question.

    The input has one question a line, or JSON Lines with `text`. The output has `text`, `language`, `intent`,
    `confidence`, `intent_ranking`, `intents` (all that would be answered, in order) and `red_flag` (the rule, or null).
    """
    from bot.understanding import Understanding

    lines = sys.stdin if source == "-" else _open(Path(source))
    for result in Understanding.load().parse(_texts(lines)):
        typer.echo(json.dumps(result, ensure_ascii=False))


@app.command()
def train(force: bool = typer.Option(False, help="Train even if the model fits the present data.")) -> None:
    """Make the model for the present data, if there is none yet."""
    from bot.cli import training

    training.train(say, force=force)


@app.command()
def evaluate(
    stock: bool = typer.Option(True, help="Also train and measure the stock Rasa pipeline on the same data (long)."),
    stock_epochs: int = typer.Option(100, min=2, help="Of its training, all 100 of which take hours."),
    questions: List[Path] = typer.Option(
        [Path("tests/nlu/project"), Path("tests/nlu/confirming")],
        help="Set of test questions, one folder a language; may be given several times.",
    ),
    report: Path = typer.Option(Path("reports/evaluation"), help="Where the report and its pictures go."),
) -> None:
    """Measure understanding per language and write a report with pictures."""
    from bot.evaluation.report import evaluate as measure

    measure(questions, report, stock_epochs=stock_epochs if stock else 0, say=say)


@app.command()
def vectors() -> None:
    """Write the slowest encoder's vectors of all examples into data/vectors/, so that a first training is short."""
    from bot.cli import training

    say(f"Wrote {training.ship_vectors()}; commit it")


@app.command()
def migration(name: str = typer.Argument(..., help="What changed, in a few words.")) -> None:
    """Write what changed in the tables of bot/store as a new file in migrations/, to be read and committed."""
    from bot.store import migrations

    if not name.strip():
        raise AssistantError('say in a few words what changed: make migration NAME="..."')
    say(f"Wrote {migrations.write(name)}; read it before you commit it (docs/database.md)")


@app.command()
def validate() -> None:
    """Check settings, answers, languages, red flags, rules and stories; says what is wrong and where."""
    from bot.cli import validation

    validation.settings_and_answers()
    validation.own_answers()
    validation.rasa_data()
    say("Everything is in order.")


@accounts.command("add")
def staff_add(
    name: str = typer.Argument(..., help="Who it is for, as they will sign in."),
    role: str = typer.Option("reader", help="reader, editor, approver or administrator: each may do what those before may."),
) -> None:
    """Print a link, good once and for a day, that makes the account, or gives it a new password and this role."""
    from bot.cli.server import console_address
    from bot.store import audit, staff

    if role not in staff.ROLES:
        raise AssistantError(f"'{role}' is no role; use {', '.join(staff.ROLES)}")
    if not staff.fit(name):
        raise AssistantError(f"'{name}' is no name of an account; use letters, digits, spaces and . , ' - @ +")
    key = staff.invite(name, role)
    audit.record("(command line)", "account.invited", f"{staff.tidy(name)} {role}")
    say(f"{console_address()}/welcome/{key}")


@accounts.command("list")
def staff_list() -> None:
    """Print name, role and state of every account."""
    from bot.store import staff

    for member in staff.everybody():
        say(f"{member.name}\t{member.role}\t{'active' if member.active else 'off'}\t{'TOTP' if member.totp else ''}")


def _open(path: Path) -> Iterable[str]:
    try:
        return path.open(encoding="utf-8")
    except OSError as error:
        raise AssistantError(f"cannot read {path}: {error.strerror}") from error


def _texts(lines: Iterable[str]) -> Iterable[str]:
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n")
        if not line.strip():
            continue
        if line.lstrip().startswith('{"'):
            try:
                yield str(json.loads(line)["text"])
            except (ValueError, KeyError) as error:
                raise AssistantError(f"line {number} is no JSON object with a 'text': {line[:80]}") from error
        else:
            yield line


def main() -> None:
    """Runs the command; a foreseen error is one clear line and exit code 1."""
    from rasa.utils.log_utils import configure_structlog

    logging.basicConfig(level=logging.WARNING)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)  # of Rasa's own dependencies: nothing an operator can mend
    configure_structlog(logging.ERROR)
    logging.getLogger("rasa").setLevel(logging.ERROR)
    logging.getLogger("bot.nlu.red_flag_detector").setLevel(logging.ERROR)  # news in a server, not of a test question
    try:
        app()
    except AssistantError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
