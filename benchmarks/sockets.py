"""Two hundred patients on the website at once, on one server process: how long they wait, and what a patient costs.

    make sockets
    python -m benchmarks.sockets --patients 200 --turns 3 --pause 30

Everything stays on this machine. Each patient opens a socket, reads the greeting, and sends `turns` messages with
pauses of `pause` seconds in the mean, as somebody does who reads the answer. A turn lasts from sending to the answer. A
message is lost if its echo or its answer never comes; afterwards every thread is fetched and compared with what its
patient saw.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List

import httpx
import websockets

from benchmarks.turns import PORT, serving
from bot.answers import Catalogue
from bot.cli.client import Client
from bot.cli.training import train
from bot.settings import ANSWERS, ROOT, settings

URL = f"http://127.0.0.1:{PORT}/webhooks/web"
_PATIENCE = 120  # seconds until a message counts as lost


class Patient:
    """One socket and what came through it."""

    def __init__(self) -> None:
        self.session = ""
        self.seen: List[int] = []
        self.waited: List[float] = []  # milliseconds
        self.lost = 0

    async def connect(self) -> None:
        """Opens the socket and reads the greeting."""
        self._socket = await websockets.connect(f"{URL.replace('http', 'ws')}/socket", open_timeout=60, ping_interval=None)
        await self._socket.send(json.dumps({"type": "hello", "session": None, "after": 0, "language": "en"}))
        self.session = (await self._next("ready"))["session"]
        self.seen.append((await self._next("event"))["event"]["seq"])

    async def talk(self, questions: List[str], pause: float) -> None:
        """Sends each of `questions` after a pause and waits for its answer."""
        for text in questions:
            await asyncio.sleep(random.uniform(0, 2 * pause))
            started = time.perf_counter()
            message = {"type": "message", "id": uuid.uuid4().hex, "text": text, "language": "en"}
            await self._socket.send(json.dumps(message))
            try:
                await self._until("id", message["id"])
                await self._until("from", "assistant")
            except (asyncio.TimeoutError, websockets.ConnectionClosed):
                self.lost += 1
                return
            self.waited.append(1000 * (time.perf_counter() - started))

    async def close(self) -> None:
        """Reads what may still come, the second answer to a double question, and closes the socket."""
        with suppress(asyncio.TimeoutError):
            while True:
                self.seen.append((await asyncio.wait_for(self._next("event"), 3))["event"]["seq"])
        await self._socket.close()

    async def _until(self, key: str, value: str) -> None:
        event: Dict[str, Any] = {}
        while event.get(key) != value:
            event = (await asyncio.wait_for(self._next("event"), _PATIENCE))["event"]
            self.seen.append(event["seq"])

    async def _next(self, kind: str) -> Dict[str, Any]:
        while True:
            message = json.loads(await self._socket.recv())
            if message["type"] == kind:
                return dict(message)


def main() -> None:
    """Measures and prints; writes reports/sockets.json."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--patients", type=int, default=200, choices=range(1, 501), metavar="1-500")
    arguments.add_argument("--turns", type=int, default=3, choices=range(1, 21), metavar="1-20")
    arguments.add_argument("--pause", type=float, default=30, help="seconds, at most 120")
    given = arguments.parse_args()
    train(print)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)):
        client = Client(URL.removesuffix("/webhooks/web"))
        while not client.answers():
            time.sleep(1)
        figures = asyncio.run(_measure(given.patients, given.turns, min(given.pause, 120)))
    report = ROOT / "reports" / "sockets.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps(figures, indent=1))
    for name, value in figures.items():
        print(f"{name:28} {value:.1f}" if isinstance(value, float) else f"{name:28} {value}")


async def _measure(patients: int, turns: int, pause: float) -> Dict[str, Any]:
    questions = [answer.question["en"] for answer in Catalogue.load(ANSWERS, settings().clinic.languages).answers.values()]
    random.seed(1)
    everybody = [Patient() for _ in range(patients)]
    before, worked = _memory(), _cpu_seconds()
    started = time.perf_counter()
    for start in range(0, patients, 20):
        await asyncio.gather(*(patient.connect() for patient in everybody[start : start + 20]))
    connected, opened = _memory(), time.perf_counter() - started
    started = time.perf_counter()
    await asyncio.gather(*(patient.talk(random.sample(questions, turns), pause) for patient in everybody))
    seconds, after, worked = time.perf_counter() - started, _memory(), _cpu_seconds() - worked
    await asyncio.gather(*(patient.close() for patient in everybody))
    waited = [each for patient in everybody for each in patient.waited]
    differing = 0
    async with httpx.AsyncClient(timeout=60) as http:
        for patient in everybody:
            headers = {"Authorization": f"Bearer {patient.session}"}
            events = (await http.get(f"{URL}/events?after=0", headers=headers)).json()["events"]
            differing += [event["seq"] for event in events] != patient.seen
    return {
        "sockets": patients,
        "turns": len(waited),
        "turns_per_s": len(waited) / seconds,
        "opening_all_s": opened,
        "cpu_ms_per_turn": 1000 * worked / len(waited),
        "p50_ms": statistics.median(waited),
        "p95_ms": statistics.quantiles(waited, n=20)[-1],
        "messages_lost": sum(patient.lost for patient in everybody),
        "threads_that_differ": differing,
        "memory_before_mb": before / 1024,
        "kb_per_socket": (connected - before) / patients,
        "kb_per_session_after_turns": (after - before) / patients,
    }


def _server() -> Path:
    found = subprocess.run(["pgrep", "-f", f"rasa run .*--port {PORT} "], capture_output=True, text=True, check=True)
    return Path("/proc") / found.stdout.split()[0]


def _memory() -> int:
    """Returns the resident memory of the server process in KiB."""
    status = (_server() / "status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def _cpu_seconds() -> float:
    """Returns the processor time of the server process; unlike the waiting, it does not depend on who else is at work."""
    user, system = (_server() / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
