"""Every way through the request form in tests/fixtures/request_paths.yml, through the running assistant."""

import random
import uuid

import pytest

from bot import yaml_files
from bot.channels.sessions import Sessions
from bot.cli.client import Client
from bot.cli.server import address
from bot.settings import ROOT, settings
from bot.store import requests
from tests.conftest import LANGUAGES

PATHS = yaml_files.read(ROOT / "tests" / "fixtures" / "request_paths.yml")
EMERGENCY = {
    "en": "since this morning I can't feel my legs any more",
    "fr": "depuis ce matin je ne sens plus mes jambes",
    "tr": "sabahtan beri bacaklarımı hissetmiyorum",
}


def test_there_are_enough_ways_in_each_language():
    assert sum(map(len, PATHS.values())) >= 40 and all(set(by_language) == set(LANGUAGES) for by_language in PATHS.values())


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("title", PATHS)
def test_a_way_through_the_form(assistant, patterns, title, code):
    path, number, conversation = PATHS[title][code], str(random.randint(100_000, 999_999)), f"test-{uuid.uuid4().hex}"
    client, summary = Client(address()), ""
    client._session = Sessions(settings().secret).issue(conversation)
    filled = {"{phone}": f"0470 {number}", "{other}": f"0471 {number}", "{number}": number}
    for text, expected in path["says"]:
        says = EMERGENCY[code] if text == "!" else text
        for mark, value in filled.items():
            says = says.replace(mark, value)
        messages = client.send(says)
        wanted = [(name.partition("@")[2] or code, "utter_" + name.partition("@")[0]) for name in expected.split()]
        assert len(messages) == len(wanted), (text, expected, [message["text"][:90] for message in messages])
        for message, (language, name) in zip(messages, wanted):
            assert patterns[language][name].fullmatch(message["text"]), (text, name, message["text"][:90])
            summary = message["text"] if name == "utter_ask_request_consent" else summary
    found = requests.of(conversation)
    assert len(found) == (path["stored"] != "none")
    for request in found:
        have = {**request.data, "kind": request.kind, "language": request.language}
        have["half"] = next((window["half"] for window in have.get("when", ())), None)
        assert {key: have.get(key) for key in path["stored"]} == path["stored"]
        shown = [have[key] for key in ("name", "caller", "contact", "reason") if key in have]
        assert all(value in summary for value in shown), summary  # nothing is sent that was not seen
