"""kill -9 of the database and of the action server, in mid-form and mid-delivery: nothing is lost, nothing doubled."""

import json
import os
import signal
import threading
import time
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.channels.sessions import Sessions
from bot.cli.client import Client
from bot.settings import ROOT
from tests.conftest import RunningAssistant, _free_port, family
from tests.postgres import Postgres
from tests.unit.test_delivery import Receiver

SECRET = "k" * 40
PHONE = "0470 12 34 56"
BEGIN = ["I would like an appointment", "it is for me"]
REST = ["Tuesday morning", "her broken vertebra", "first time"]


@pytest.fixture(scope="module")
def database():
    made = Postgres()
    yield made
    made.close()


@pytest.fixture(scope="module")
def receiver():
    made = Receiver()
    made.free = threading.Event()
    made.free.set()
    made.begun = []
    take = made.server.RequestHandlerClass.do_POST

    def do_POST(handler):
        made.begun.append(handler.headers["Idempotency-Key"])
        made.free.wait(60)
        take(handler)

    made.server.RequestHandlerClass.do_POST = do_POST
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def server(model, database, receiver, tmp_path_factory):
    state = tmp_path_factory.mktemp("cuts")
    target = f"answer_within_hours: 24\n  webhook: {{url: '{receiver.url}/'}}"
    (state / "clinic.yml").write_text((ROOT / "clinic.yml").read_text("utf-8").replace("answer_within_hours: 24", target))
    running = RunningAssistant(
        ASSISTANT_STATE=str(state),
        ASSISTANT_CLINIC=str(state / "clinic.yml"),
        ASSISTANT_PORT=str(_free_port()),
        ASSISTANT_ACTIONS_PORT=str(_free_port()),
        ASSISTANT_CONSOLE_PORT=str(_free_port()),
        ASSISTANT_DATABASE_URL=database.url,
        ASSISTANT_WEBHOOK_SECRET="s" * 32,
        ASSISTANT_SECRET=SECRET,
    )
    running.start()
    yield running
    running.stop()


class Patient:
    """A new conversation of somebody whose name tells one test from another."""

    def __init__(self, server, patterns, name):
        self.name, self._patterns = name, patterns["en"]
        self._client = Client(server.url)
        self._client._session = Sessions(SECRET).issue(f"test-{uuid.uuid4().hex}")

    def says(self, *texts):
        """Sends all, and returns the last message of the answer to the last, as the name of its response."""
        for text in texts:
            last = self._client.send(text)[-1]
        names = [name for name, pattern in self._patterns.items() if pattern.fullmatch(last["text"])]
        return names[0].replace("utter_", "") if names else last["text"]


def rows(database, query):
    engine = sa.create_engine(database.url)
    try:
        with engine.begin() as connection:
            result = connection.execute(query)
            return result.fetchall() if result.returns_rows else []
    finally:
        engine.dispose()


def requests_of(database, name):
    return [data for (data,) in rows(database, "SELECT data FROM requests") if json.loads(data)["name"] == name]


def wait(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.1)


def test_the_database_dies_in_mid_form(server, database, patterns):
    patient = Patient(server, patterns, "Anna Dead")
    assert patient.says(*BEGIN, patient.name) == "ask_request_contact"
    database.kill()
    assert patient.says(PHONE) == "failure"
    assert patient.says("since this morning I can't feel my legs any more") == "emergency_cord_compression"
    database.start()
    assert patient.says(PHONE) == "ask_request_when"
    assert patient.says(*REST) == "ask_request_consent"
    database.kill()
    assert patient.says("yes, send it") == "failure"
    database.start()
    assert patient.says("yes, send it") == "request_sent_appointment"
    assert len(requests_of(database, patient.name)) == 1


def test_the_database_dies_in_mid_delivery(server, database, receiver, patterns):
    wait(lambda: not rows(database, "SELECT 1 FROM outbox WHERE state = 'waiting'"))
    receiver.free.clear()
    receiver.begun.clear()
    patient = Patient(server, patterns, "Berta Cut")
    assert patient.says(*BEGIN, patient.name, PHONE, *REST, "yes, send it") == "request_sent_appointment"
    wait(lambda: receiver.begun)
    database.kill()
    receiver.free.set()
    wait(lambda: any(patient.name in got[3].decode() for got in receiver.got))
    database.start()
    rows(database, "UPDATE outbox SET next_at = 0 WHERE state = 'waiting'")  # the time of the attempt has run out
    wait(lambda: not rows(database, "SELECT 1 FROM outbox WHERE state <> 'sent'"))
    keys = [got[2]["Idempotency-Key"] for got in receiver.got if patient.name in got[3].decode()]
    assert len(set(keys)) == 1 and len(requests_of(database, patient.name)) == 1  # by its key the receiver knows it


def test_the_action_server_dies_in_mid_form_and_the_next_start_goes_on(server, database, patterns):
    patient = Patient(server, patterns, "Clara Down")
    assert patient.says(*BEGIN, patient.name) == "ask_request_contact"
    os.kill(server.process.pid, signal.SIGSTOP)  # or it would stop the rest at once, which test_process.py holds
    for pid in family(server.process.pid):
        if b"action_server" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    assert patient.says(PHONE) == "failure"
    server.kill()
    server.start()
    assert patient.says(PHONE) == "ask_request_when"
    assert patient.says(*REST, "yes, send it") == "request_sent_appointment"
    wait(lambda: not rows(database, "SELECT 1 FROM outbox WHERE state <> 'sent'"))
    assert len(requests_of(database, patient.name)) == 1


def test_none_of_this_wrote_a_patients_words_into_a_log(server):
    logs = "".join(path.read_text("utf-8", errors="replace") for path in server.log.parent.glob("logs/*.log"))
    assert "OperationalError" in logs
    for words in ("Anna Dead", "Berta Cut", "Clara Down", PHONE, "+32 470 12 34 56", "broken vertebra"):
        assert words not in logs, words
