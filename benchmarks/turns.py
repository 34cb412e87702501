"""How long a turn takes over HTTP, beside the stock Rasa assistant on the same data in the same run.

    make benchmark            both assistants; trains the stock one for a few epochs, which tell what all would take
    python -m benchmarks.turns --epochs 100        all of them, some hours
    python -m benchmarks.turns --without-stock

The stock assistant has the pipeline and policies `rasa init` of 3.6.21 writes, our examples, rules and answers, its
REST channel and its in-memory tracker store; `bot evaluate` uses the same one. Ratios
count; the machines this runs on are noisy.
"""
from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import httpx

from bot.cli.server import QUIET
from bot.cli.training import train
from bot.evaluation.questions import load
from bot.evaluation.stock import EPOCHS, Spent, assistant
from bot.settings import ROOT

PORT = 5605  # and the next ones, for the action server and the console
_SETTLE = 15.0  # seconds after the first answer, in which what is started beside the server gets ready
Ask = Callable[[str, str], None]


def main() -> None:
    """Measures and prints; writes reports/turns.json."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--without-stock", action="store_true")
    arguments.add_argument("--epochs", type=int, default=3, help=f"of the stock training, of {EPOCHS}")
    given = arguments.parse_args()
    stock = not given.without_stock
    asked = load(ROOT / "tests" / "nlu" / "project").values()
    questions = [question.text for group in asked for question in group if len(question.intents) == 1][::7]
    figures: Dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        if stock:
            model, seconds = assistant(print, epochs=given.epochs)
            spent, ours = seconds["stock Rasa"], seconds["this assistant"]
            figures["stock"] = {**_training(spent), **_stock(Path(folder), model, questions)}
            figures["ours"] = {**_training(ours), **_ours(Path(folder), questions)}
        else:
            figures["ours"] = _ours(Path(folder), questions)
    report = ROOT / "reports" / "turns.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps(figures, indent=1))
    for name, values in figures.items():
        print(name, *(f"{key}={value:.1f}" for key, value in values.items()))
    if stock:
        print(f"median turn: {figures['ours']['median_ms'] / figures['stock']['median_ms']:.2f} x stock")
        estimated = "" if given.epochs == EPOCHS else f" (stock estimated from {given.epochs} epochs)"
        print(f"training: {ours.clock / spent.clock:.3f} x stock by the clock{estimated}")
        print(f"          {ours.processor / spent.processor:.3f} x stock of processor time")
    for name, values in figures.items():
        print(f"{name}: turn 200 costs {values['turn_200_ms'] / values['turn_10_ms']:.2f} x turn 10")


def _training(spent: Spent) -> Dict[str, float]:
    return {"training_s": spent.clock, "training_processor_s": spent.processor}


def _ours(folder: Path, questions: List[str]) -> Dict[str, float]:
    train(print)
    http = httpx.Client(base_url=f"http://127.0.0.1:{PORT}/webhooks/web", timeout=60)
    sessions: Dict[str, str] = {}

    def ask(conversation: str, text: str) -> None:
        if conversation not in sessions:
            sessions[conversation] = http.post("/session", json={}).json()["session"]
        http.post("/message", json={"session": sessions[conversation], "text": text}).raise_for_status()

    with serving(folder):
        return _measure(ask, questions)


def serving(folder: Path) -> Server:
    """Returns this assistant, not yet started, with its state in `folder`."""
    names = ("PORT", "ACTIONS_PORT", "CONSOLE_PORT")
    environment = {f"ASSISTANT_{name}": str(PORT + number) for number, name in enumerate(names)}
    environment["ASSISTANT_STATE"] = str(folder)
    return Server([sys.executable, "-m", "bot.cli.main", "run"], environment)


def _stock(folder: Path, model: Path, questions: List[str]) -> Dict[str, float]:
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text("action_endpoint:\n  url: http://127.0.0.1:1/webhook\n")
    command = [sys.executable, "-m", "rasa", "run", "--model", str(model), "--port", str(PORT), "--credentials"]
    command += [str(folder / "credentials.yml"), "--endpoints", str(folder / "endpoints.yml")]
    http = httpx.Client(base_url=f"http://127.0.0.1:{PORT}/webhooks/rest", timeout=60)

    def ask(conversation: str, text: str) -> None:
        http.post("/webhook", json={"sender": conversation, "message": text}).raise_for_status()

    with Server(command, {}):
        return _measure(ask, questions)


def _measure(ask: Ask, questions: List[str]) -> Dict[str, float]:
    """Returns medians in milliseconds: of turns in short conversations, and of turns about 10 and 200 of a long one."""
    for warm in range(20):
        ask("warm", questions[warm])
    short = [_timed(ask, f"short-{n // 8}", text) for n, text in enumerate(questions)]
    long = [_timed(ask, "long", questions[n % len(questions)]) for n in range(210)]
    return {
        "median_ms": statistics.median(short),
        "p95_ms": statistics.quantiles(short, n=20)[-1],
        "turn_10_ms": statistics.median(long[5:20]),
        "turn_200_ms": statistics.median(long[195:210]),
    }


def _timed(ask: Ask, conversation: str, text: str) -> float:
    started = time.perf_counter()
    ask(conversation, text)
    return 1000 * (time.perf_counter() - started)


class Server:
    """A server process that answers on PORT inside the `with` block."""

    def __init__(self, command: List[str], environment: Dict[str, str]) -> None:
        self._command, self._environment = command, {**os.environ, **QUIET, **environment}

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{PORT}/")
                time.sleep(_SETTLE)
                return
            except httpx.HTTPError:
                if self._process.poll() is not None:
                    raise RuntimeError(f"{self._command} ended with {self._process.returncode}") from None
                time.sleep(0.5)
        raise RuntimeError(f"{self._command} did not start")

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)


if __name__ == "__main__":
    main()
