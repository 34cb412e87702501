"""Starting and stopping as an operator does it."""
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.conftest import _free_port, family

RUN = [sys.executable, "-m", "bot.cli.main", "run"]


def start(tmp_path, command=RUN, **environment):
    ports = {f"ASSISTANT_{name}": str(_free_port()) for name in ("PORT", "ACTIONS_PORT", "CONSOLE_PORT")}
    environment = {**os.environ, **ports, "ASSISTANT_STATE": str(tmp_path), **environment}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return process, environment


def wait_for(process, word):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_answers_and_stops_without_leftovers(model, tmp_path, sign):
    process, environment = start(tmp_path)
    said = wait_for(process, "Ready")
    assert "nothing to train" in said
    assert listening(environment["ASSISTANT_PORT"]) and listening(environment["ASSISTANT_ACTIONS_PORT"])
    process.send_signal(sign)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 0 and "Stopped." in rest
    assert not listening(environment["ASSISTANT_PORT"]) and not listening(environment["ASSISTANT_ACTIONS_PORT"])


def test_a_taken_port_is_named(model, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process, _ = start(tmp_path, ASSISTANT_PORT=port)
        output = process.communicate(timeout=120)[0]
    assert process.returncode == 1 and f"port {port}" in output and "ASSISTANT_PORT" in output
    assert "Traceback" not in output


def test_a_model_that_cannot_be_loaded_is_said_at_once(tmp_path):
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    script = f"import pathlib, sys; from bot.cli import server; sys.exit(server.run(pathlib.Path({str(broken)!r}), print))"
    process, _ = start(tmp_path, [sys.executable, "-u", "-c", script])
    said = process.communicate(timeout=150)[0]
    assert process.returncode != 0 and "could not load its model" in said


def test_a_dead_action_server_stops_the_whole_with_a_word(model, tmp_path):
    process, environment = start(tmp_path)
    wait_for(process, "Ready")
    for pid in family(process.pid):
        if b"action_server" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    output = process.communicate(timeout=60)[0]
    assert process.returncode != 0 and "ended by itself" in output
    assert not listening(environment["ASSISTANT_PORT"])


@pytest.mark.parametrize(
    "environment, complaint",
    [
        ({"ASSISTANT_CLINIC": "/nowhere/clinic.yml"}, "/nowhere/clinic.yml"),
        ({"ASSISTANT_PORT": "http"}, "ASSISTANT_PORT='http' is no port"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(tmp_path, environment, complaint):
    process, _ = start(tmp_path, **environment)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and complaint in output and "Traceback" not in output


def test_an_answer_edited_on_disk_needs_no_training(model):
    """The fingerprint is made of what is trained on; the words of answers are not part of it."""
    from bot.cli.training import fingerprint

    path = ROOT / "data" / "answers" / "smalltalk.yml"
    before, text = fingerprint(), path.read_text()
    try:
        path.write_text(text.replace("You are welcome.", "My pleasure."))
        assert fingerprint() == before
    finally:
        path.write_text(text)


def test_a_command_says_what_it_was_asked_and_nothing_else(model):
    command = [sys.executable, "-m", "bot.cli.main", "parse", "-"]
    done = subprocess.run(command, cwd=ROOT, input="I cannot feel my legs\n", capture_output=True, text=True)
    assert json.loads(done.stdout)["intent"] == "emergency" and done.stderr == ""
