"""Starts the assistant, its action server, the delivery worker and the staff console together, and stops them together."""
from __future__ import annotations

import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Dict, Iterator, Optional

from honcho.manager import Manager
from honcho.printer import Printer

from bot.cli.client import Client
from bot.errors import ServerError
from bot.quiet import QUIET
from bot.settings import ROOT, settings
from bot.store import staff

_STOPPED = (0, 128 + signal.SIGINT, 128 + signal.SIGTERM)  # what the manager returns when it was told to stop
_PATIENCE = 180  # seconds until the first answer, on a slow machine
# A message is a sentence or two: threads that share it wait for each other longer than they work, and spin meanwhile.
_ONE_THREAD = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}


def run(model: Path, say: Callable[[str], None]) -> int:
    """Runs both servers until Ctrl-C or until one ends; returns the exit code.

    Raises:
        ServerError: a port is taken.
    """
    _check_port(settings().host, settings().port, "ASSISTANT_PORT")
    _check_port("127.0.0.1", settings().actions_port, "ASSISTANT_ACTIONS_PORT")
    _check_port(settings().console_host, settings().console_port, "ASSISTANT_CONSOLE_PORT")
    logs = settings().state / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    manager = Manager(Printer(open(os.devnull, "w")))  # noqa: SIM115 - open as long as the process lives
    shared = _environment()
    for name, command in _commands(model).items():
        environment = {**shared, **(_ONE_THREAD if name == "assistant" else {})}
        manager.add_process(name, f"exec {command} >>{shlex.quote(str(logs / name))}.log 2>&1", env=environment)
    say(f"Starting the assistant (logs in {logs})")
    stopping, gave_up = threading.Event(), threading.Event()
    watcher = threading.Thread(target=_announce, args=(manager, say, stopping, gave_up), daemon=True)
    watcher.start()
    manager.loop()
    stopping.set()
    watcher.join()
    if gave_up.is_set():
        return 1
    code = int(manager.returncode or 0)
    if code in _STOPPED:
        say("Stopped.")
        return 0
    say(f"A server ended by itself (exit code {code}). The end of its log:\n{_tail(logs)}")
    return 1


def _commands(model: Path) -> Dict[str, str]:
    python, configured = shlex.quote(sys.executable), settings()
    return {
        "actions": f"{python} -m bot.cli.action_server",
        "worker": f"{python} -m bot.delivery.worker",
        "console": f"{python} -m bot.console",
        "assistant": (
            f"{python} -m rasa run --model {shlex.quote(str(model))} --interface {configured.host} "
            f"--port {configured.port} --endpoints endpoints.yml --credentials credentials.yml"
        ),
    }


def _environment() -> Dict[str, str]:
    """Returns the environment of the processes, the same for all that are started together."""
    return {
        **os.environ,
        **QUIET,
        "PYTHONPATH": str(ROOT),
        "ASSISTANT_ACTIONS_PORT": str(settings().actions_port),
        # Known to these processes only, see bot/cli/action_server.py.
        "ASSISTANT_ACTIONS_SECRET": os.environ.get("ASSISTANT_ACTIONS_SECRET") or secrets.token_hex(32),
    }


def _announce(
    manager: Manager, say: Callable[[str], None], stopping: threading.Event, gave_up: threading.Event
) -> None:
    """Says where the assistant is as soon as it has really answered a question; gives up after a while."""
    client, deadline = Client(address()), time.monotonic() + _PATIENCE
    while not stopping.wait(0.5):
        if client.answers():
            say(f"\nReady: {address()}/webhooks/web/widget/demo.html  (a clinic page with the widget)")
            say(f"       {address()}/webhooks/web                   (API)")
            if settings().whatsapp:
                say(f"       {address()}/webhooks/whatsapp/webhook    (WhatsApp, see docs/whatsapp.md)")
            say("       make chat                             (talk here)")
            say(f"       {_console()}\nCtrl-C stops it.")
            return
        if client.without_model():
            say("The server could not load its model; stopping. 'bot train --force' makes a new one.")
            say(str(_tail(settings().state / "logs")))
            gave_up.set()
            manager.terminate()
            return
        if time.monotonic() > deadline:
            say(f"No answer after {_PATIENCE} s; stopping. The logs are in {settings().state / 'logs'}")
            gave_up.set()
            manager.terminate()
            return


def _console() -> str:
    """Returns where staff go: to the console, or, while nobody can sign in there, to make the first account."""
    if staff.anybody():
        return f"{console_address()}                 (staff console)"
    return f"{console_address()}/welcome/{staff.invite(None, staff.ROLES[-1])}  (once: make the first staff account)"


def address() -> str:
    """Returns the address at which this machine reaches the assistant."""
    return _local(settings().host, settings().port)


def console_address() -> str:
    """Returns the address at which this machine reaches the staff console."""
    return _local(settings().console_host, settings().console_port)


def _local(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"


@contextmanager
def running() -> Iterator[Client]:
    """Gives a client of the assistant that is running, else of one started for the time being.

    Raises:
        ServerError: it could not be started.
    """
    client = Client(address())
    if client.answers():
        yield client
        return
    server = subprocess.Popen(
        [sys.executable, "-m", "bot.cli.main", "run"], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 4 * _PATIENCE
        while not client.answers():
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServerError("the assistant did not start; 'make run' shows why")
            time.sleep(0.5)
        yield client
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def _check_port(host: str, port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServerError(
                f"port {port} on {host} cannot be used ({error.strerror}). Is the assistant running already? "
                f"Stop what uses it, or set {variable} to a free port"
            ) from error


def _tail(logs: Path, lines: int = 12) -> Optional[str]:
    newest = max(logs.glob("*.log"), key=lambda path: path.stat().st_mtime, default=None)
    return "\n".join(newest.read_text(errors="replace").splitlines()[-lines:]) if newest else None
