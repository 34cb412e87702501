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
from contextlib import ExitStack
from pathlib import Path
from typing import Callable, Dict, List, Mapping

import httpx

from bot.cli.training import train
from bot.evaluation.questions import load
from bot.evaluation.stock import EPOCHS, Spent, assistant
from bot.quiet import QUIET
from bot.settings import ROOT

PORT = 5605  # and the next ones, for the action server and the console
_STOCK_PORT = PORT + 10
_SETTLE = 15.0  # seconds after the first answer, in which what is started beside the server gets ready
_LONG = 3  # long conversations with each
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
    with tempfile.TemporaryDirectory() as folder:
        if stock:
            model, seconds = assistant(print, epochs=given.epochs)
            spent, ours = seconds["stock Rasa"], seconds["this assistant"]
        train(print)
        with ExitStack() as running:
            running.enter_context(serving(Path(folder)))
            asks = {"ours": _to_ours()}
            if stock:
                running.enter_context(_serving_stock(Path(folder), model))
                asks = {"stock": _to_stock(), **asks}
            figures = _measure(asks, questions)
    if stock:
        figures = {"stock": {**_training(spent), **figures["stock"]}, "ours": {**_training(ours), **figures["ours"]}}
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


def serving(folder: Path) -> Server:
    """Returns this assistant, not yet started, with its state in `folder`."""
    names = ("PORT", "ACTIONS_PORT", "CONSOLE_PORT")
    environment = {f"ASSISTANT_{name}": str(PORT + number) for number, name in enumerate(names)}
    environment["ASSISTANT_STATE"] = str(folder)
    return Server([sys.executable, "-m", "bot.cli.main", "run"], PORT, environment)


def _to_ours() -> Ask:
    http = httpx.Client(base_url=f"http://127.0.0.1:{PORT}/webhooks/web", timeout=60)
    sessions: Dict[str, str] = {}

    def ask(conversation: str, text: str) -> None:
        if conversation not in sessions:
            sessions[conversation] = http.post("/session", json={}).json()["session"]
        http.post("/message", json={"session": sessions[conversation], "text": text}).raise_for_status()

    return ask


def _serving_stock(folder: Path, model: Path) -> Server:
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text("action_endpoint:\n  url: http://127.0.0.1:1/webhook\n")
    command = [sys.executable, "-m", "rasa", "run", "--model", str(model), "--port", str(_STOCK_PORT)]
    command += ["--credentials", str(folder / "credentials.yml"), "--endpoints", str(folder / "endpoints.yml")]
    return Server(command, _STOCK_PORT, {})


def _to_stock() -> Ask:
    http = httpx.Client(base_url=f"http://127.0.0.1:{_STOCK_PORT}/webhooks/rest", timeout=60)

    def ask(conversation: str, text: str) -> None:
        http.post("/webhook", json={"sender": conversation, "message": text}).raise_for_status()

    return ask


def _measure(asks: Mapping[str, Ask], questions: List[str]) -> Dict[str, Dict[str, float]]:
    """Returns medians in milliseconds: of turns in short conversations, and of turns about 10 and 200 of long ones.

    What is compared is asked by turns and the same, as the machine changes its speed: the assistants, and one about turn 10
    of a conversation and about turn 200 of another. By then each question has been understood once before.
    """
    for text in questions[:20]:
        for ask in asks.values():
            ask("warm", text)
    taken = {name: [] for name in asks}  # type: Dict[str, List[float]]
    for n, text in enumerate(questions):
        for name, ask in asks.items():
            taken[name].append(_timed(ask, f"short-{n // 8}", text))
    figures = {
        name: {"median_ms": statistics.median(short), "p95_ms": statistics.quantiles(short, n=20)[-1]}
        for name, short in taken.items()
    }
    for name, ask in asks.items():
        begun, long = [], []  # type: List[float], List[float]
        for n in range(_LONG):
            for turn, text in enumerate(questions[:195]):
                ask(f"long-{n}", text)
                if turn < 5:
                    ask(f"begun-{n}", text)
            for text in questions[195:210]:
                begun.append(_timed(ask, f"begun-{n}", text))
                long.append(_timed(ask, f"long-{n}", text))
        figures[name].update(turn_10_ms=statistics.median(begun), turn_200_ms=statistics.median(long))
    return figures


def _timed(ask: Ask, conversation: str, text: str) -> float:
    started = time.perf_counter()
    ask(conversation, text)
    return 1000 * (time.perf_counter() - started)


class Server:
    """A server process that answers on `port` inside the `with` block."""

    def __init__(self, command: List[str], port: int, environment: Dict[str, str]) -> None:
        self._command, self._port, self._environment = command, port, {**os.environ, **QUIET, **environment}

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{self._port}/")
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
