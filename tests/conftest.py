"""Shared fixtures: a state folder of its own for every run, the trained model, a running assistant."""
from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_STATE = tempfile.TemporaryDirectory(prefix="assistant-test-")
os.environ["ASSISTANT_STATE"] = _STATE.name
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["RASA_TELEMETRY_ENABLED"] = "false"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


for _name in ("ASSISTANT_PORT", "ASSISTANT_ACTIONS_PORT", "ASSISTANT_CONSOLE_PORT"):
    os.environ[_name] = str(_free_port())
os.environ["ASSISTANT_ACTIONS_SECRET"] = secrets.token_hex(32)
# The example clinic: its website is on this machine, and its staff answer at any hour at which the tests happen to run.
WEBSITE = f"http://127.0.0.1:{_free_port()}"
_CLINIC = Path(_STATE.name) / "clinic.yml"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXAMPLE = (Path(__file__).resolve().parent.parent / "clinic.yml").read_text("utf-8")
_CLINIC.write_text(
    _EXAMPLE.replace("websites: [", f'websites: ["{WEBSITE}", ')
    + "\nhand_over: {minutes: 30, hours: {"
    + ", ".join(f'{day}: "00:00-23:59"' for day in _DAYS)
    + "}}\n",
    "utf-8",
)
os.environ["ASSISTANT_CLINIC"] = str(_CLINIC)

import pytest  # noqa: E402

from bot import yaml_files  # noqa: E402
from bot.answers import Catalogue  # noqa: E402
from bot.settings import ANSWERS, ROOT, settings  # noqa: E402

LANGUAGES = ("en", "fr", "tr")


@pytest.fixture(scope="session")
def clinic():
    return settings().clinic


@pytest.fixture(scope="session")
def catalogue(clinic):
    return Catalogue.load(ANSWERS, clinic.languages)


@pytest.fixture(scope="session")
def model() -> Path:
    """The model for the present data; trained here if `make train` has not done so."""
    from bot.cli.training import train

    return train(print)


@pytest.fixture(scope="session")
def small_clinic(model, tmp_path_factory):
    """The settings of a small clinic with a model of its own, trained here in seconds."""
    from bot.quiet import QUIET
    from tests.small import make

    settings_of_it = make(tmp_path_factory.mktemp("small"))
    command = [sys.executable, "-m", "bot.cli.main", "train"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **QUIET, **settings_of_it}, check=True, capture_output=True)
    return settings_of_it


@pytest.fixture(scope="session")
def understanding(model):
    from bot.understanding import Understanding

    return Understanding.load(model)


@pytest.fixture(scope="session")
def vague(understanding):
    """By language: words that leave this very model unsure, from tests/vague.yml."""
    pool = yaml_files.read(Path(__file__).parent / "vague.yml")
    rows = {code: understanding.parse(words) for code, words in pool.items()}
    found = {code: [row["text"] for row in rows[code] if row["intent"] == "nlu_fallback"] for code in rows}
    assert all(len(words) >= 2 for words in found.values()), f"write vaguer words in tests/vague.yml: {found}"
    return found


@pytest.fixture(scope="session")
def patterns(catalogue, clinic):
    """By language: response names with a pattern of their words; what is filled in at the time matches anything."""
    found = {code: {} for code in LANGUAGES}
    for name, variations in catalogue.responses(clinic).items():
        for variation in variations:
            text = re.sub(r"\\\{\w+\\\}", r"(.|\\n)*", re.escape(variation["text"]))
            found[variation["metadata"]["language"]][name] = re.compile(text)
    return found


class RunningAssistant:
    """`bot run` as an operator starts it, in a process of its own."""

    def __init__(self, **environment: str) -> None:
        self.process, self.environment = None, {**os.environ, **environment}
        self.url = f"http://127.0.0.1:{self.environment['ASSISTANT_PORT']}"
        self.log = Path(self.environment["ASSISTANT_STATE"]) / "run.log"

    def start(self) -> None:
        from bot.cli.client import Client

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli.main", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 300
        while not Client(self.url).answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the assistant did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """Ends every process at once, as a power cut does."""
        for pid in family(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=60)


def family(pid: int) -> "list[int]":
    """Returns `pid` and every process below it."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid, *(each for child in found for each in family(int(child)))]


@pytest.fixture(scope="session")
def assistant(model):
    running = RunningAssistant()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def console():
    """The staff console on the database of these tests, without an assistant beside it."""
    from tests.http.console import Console

    with Console() as running:
        yield running


@pytest.fixture
def client(assistant):
    """A patient with a new conversation."""
    from bot.cli.client import Client
    from bot.cli.server import address

    return Client(address())
