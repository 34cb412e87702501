"""The action server answers the assistant alone."""

import os
import socket
import time

import httpx
import pytest

from bot.settings import settings

WORDS = "Rosalinde Secretname"
CALL = {"next_action": "action_finish_request", "sender_id": WORDS, "tracker": {"sender_id": WORDS}, "version": "3.6.21"}


def url(path="webhook"):
    return f"http://127.0.0.1:{settings().actions_port}/{path}"


def log():
    time.sleep(0.3)
    return (settings().state / "logs" / "actions.log").read_text("utf-8")


@pytest.mark.parametrize("secret", [None, "", "x" * 64, "é"])
def test_without_the_secret_nothing_is_done_or_told(assistant, secret):
    before = log().count("was refused")
    headers = {} if secret is None else {"X-Assistant-Secret": secret.encode()}
    for answer in (httpx.post(url(), json=CALL, headers=headers), httpx.get(url("actions"), headers=headers)):
        assert answer.status_code == 403 and "action_" not in answer.text and WORDS not in answer.text
    assert log().count("was refused") == before + 2 and WORDS not in log()


def test_an_action_that_fails_gives_nothing_of_the_conversation_away(assistant):
    headers = {"X-Assistant-Secret": os.environ["ASSISTANT_ACTIONS_SECRET"]}
    broken = {**CALL, "next_action": "action_record_feedback", "tracker": {"sender_id": WORDS, "events": [WORDS]}}
    answer = httpx.post(url(), json=broken, headers=headers)
    assert answer.status_code == 500 and WORDS not in answer.text
    assert "an action failed with" in log() and WORDS not in log()


def test_it_listens_on_this_machine_only(assistant):
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
    for address in others - {"127.0.1.1"}:
        with socket.socket() as probe:
            assert probe.connect_ex((address, settings().actions_port)) != 0
    with open("/proc/net/tcp") as table:
        bound = [line.split()[1] for line in table if line.split()[1].endswith(f":{settings().actions_port:04X}")]
    assert bound and all(place.startswith("0100007F:") for place in bound)


def test_it_does_not_start_without_a_secret():
    from bot.cli.action_server import closed_app
    from bot.errors import SettingsError

    for secret in ("", "short"):
        with pytest.raises(SettingsError, match="ASSISTANT_ACTIONS_SECRET"):
            closed_app(secret)
