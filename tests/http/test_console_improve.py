"""From verdicts to a model that patients get, on a small clinic whose trainings are true and take seconds."""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from bot.learning import overlay
from bot.settings import ROOT, settings
from bot.store import audit, messages, proposals, review, trainings
from bot.store.database import engine
from tests import events
from tests.events import turn
from tests.http.console import Console

FAILURES = {"disk": "The disk is full", "training": "The training failed", "data": "cannot be read"}
_DATABASE = "ASSISTANT_DATABASE_URL"
_ROOM = 250_000  # bytes that a file may have: no model fits
PENCE = [
    "Will it burn a hole in my pocket?",
    "Does this thing burn a big hole in your wallet?",
    "How empty is my purse then?",
]


@pytest.fixture(scope="module")
def small(small_clinic):
    """The small clinic on the database of these tests: what the console does there can be seen from here."""
    return {**small_clinic, _DATABASE: settings().database_url}


@pytest.fixture(scope="module")
def console(small):
    with Console(**small) as running:
        yield running


@pytest.fixture(scope="module")
def nurse(console):
    return console.member("nurse", "editor")


@pytest.fixture(scope="module")
def doctor(console):
    return console.member("doctor", "approver")


@pytest.fixture(autouse=True)
def _empty():
    events.empty()
    for row in [row for state in (proposals.OPEN, proposals.LEFT_OUT) for row in proposals.listed(state)]:
        proposals.forget(row["conversation"])


def label(nurse, verdict, *texts, **more):
    """Returns the numbers of the open proposals that the verdict of `nurse` on messages with `texts` made."""
    before = {row["id"] for row in proposals.listed(proposals.OPEN)}
    start = len(messages.listed(limit=1_000))
    for number, text in enumerate(texts, start):
        turn(f"web-{number}", text, "nlu_fallback", ranking=[["faq_risks", 0.2]], **more)
    deadline = time.monotonic() + 30
    while len(messages.listed(limit=1_000)) < start + len(texts):
        assert time.monotonic() < deadline, "the console does not read the log"
        time.sleep(0.1)
    numbers = [str(row["id"]) for row in reversed(review.missed())]
    nurse.submit("/inbox/judge", number=numbers, verdict=verdict)
    return [row["id"] for row in proposals.listed(proposals.OPEN) if row["id"] not in before]


def approved(doctor, number, **other):
    """Approves what stands in the proposal, or what once stood there."""
    row = proposals.get(number)
    seen = {name: row[name] for name in ("text", "language", "intent")}
    return doctor.submit(f"/improve/proposals/{number}/approve", **{**seen, **other}).status_code


def noted(name):
    return [entry["action"] for entry in audit.read(limit=3) if entry["staff"] == name]


def wait(state, number=None, seconds=200):
    deadline = time.monotonic() + seconds
    while (row := trainings.latest())["state"] == trainings.RUNNING:
        assert time.monotonic() < deadline, row
        time.sleep(0.2)
    assert row["state"] == state, row
    return row


def test_a_verdict_becomes_a_proposal_without_the_patients_name(nurse):
    (number,) = label(nurse, "answer:faq_cost", "My name is Mary Jones, 0470 12 34 56: is it a pretty penny?")
    row = proposals.get(number)
    assert row["text"] == "My name is Mary Example, my phone number: is it a pretty penny?" and row["intent"] == "faq_cost"
    page = nurse.get("/improve/proposals").text
    assert row["text"] in page and "Jones" not in page and "Approve</button>" not in page
    nurse.submit(f"/improve/proposals/{number}/save", text="is it a pretty penny?", language="en", intent="faq_cost")
    assert proposals.get(number)["text"] == "is it a pretty penny?"


def test_personal_data_that_somebody_types_is_never_approved(nurse, doctor):
    (number,) = label(nurse, "answer:faq_cost", "is it a pretty penny or two?")
    path = f"/improve/proposals/{number}"
    words = "I am Mrs Verte, anna.verte@mail.example, is it a pretty penny?"
    page = nurse.submit(f"{path}/save", text=words, language="en", intent="faq_cost").text
    assert "It may still tell who somebody is" in page
    assert approved(doctor, number) == 409 and proposals.get(number)["state"] == "open"
    for wrong in ({"text": " "}, {"text": "x " * 400}, {"language": "xx"}, {"intent": "no_such"}):
        fields = {"text": "penny?", "language": "en", "intent": "faq_cost", **wrong}
        assert nurse.submit(f"{path}/save", **fields).status_code == 400, wrong


def test_what_the_approver_sees_in_the_form_is_what_is_approved(nurse, doctor):
    one, two, three = label(nurse, "answer:faq_cost", "a pretty penny, Xyloph?", "how dear is it?", "what price?")
    row = proposals.get(one)
    seen = {f"seen-{name}": row[name] for name in ("text", "language", "intent")}
    assert approved(doctor, one, text=" a pretty  penny?\r\n", **seen) == 200  # took the name out, then approved
    assert (proposals.get(one)["text"], proposals.get(one)["state"]) == ("a pretty penny?", "approved")
    row = proposals.get(two)
    seen = {f"seen-{name}": row[name] for name in ("text", "language", "intent")}
    assert approved(doctor, two, text="how many euros is it?", **seen) == 409  # other words: somebody else has to
    assert (proposals.get(two)["proposer"], proposals.get(two)["text"]) == ("doctor", "how many euros is it?")
    row = proposals.get(three)
    stale = {f"seen-{name}": row[name] for name in ("language", "intent")} | {"seen-text": "what else?"}
    assert approved(doctor, three, text="price?", **stale) == 409 and proposals.get(three)["text"] == row["text"]
    for number in (two, three):
        assert nurse.submit(f"/improve/proposals/{number}/reject").status_code in (200, 403)
    doctor.submit(f"/improve/proposals/{two}/reject")


def test_nobody_approves_alone(nurse, doctor, console):
    (number,) = label(doctor, "answer:faq_cost", "what is the damage to my Zorblax account?")
    path = f"/improve/proposals/{number}"
    assert approved(doctor, number) == 409 and approved(nurse, number) == 403
    assert nurse.submit(f"{path}/reject").status_code == 403  # somebody else's, and no approver
    other = console.member("surgeon", "approver")
    other.submit(f"{path}/save", text="what is the damage to my account?", language="en", intent="faq_cost")
    assert proposals.get(number)["proposer"] == "doctor"  # taking a name away is no proposal
    other.submit(f"{path}/save", text="what is the damage to my account?", language="en", intent="faq_risks")
    assert proposals.get(number)["proposer"] == "surgeon" and approved(other, number) == 409
    assert approved(doctor, number, intent="faq_cost") == 409  # it was changed since the doctor looked
    assert approved(doctor, number) == 200 and noted("doctor")[0] == "proposal.approved"
    row = proposals.get(number)
    assert (row["state"], row["message"], row["batch"]) == ("approved", None, None)
    assert row["conversation"] == "web-0"  # so that it goes when the patient wants to be erased
    assert approved(doctor, number) == 409


def test_a_verdict_taken_back_takes_its_proposals_back(nurse):
    assert label(nurse, "not_ours", "sing me a song about the sea, will you")
    batch = proposals.listed(proposals.OPEN)[0]["batch"]
    assert proposals.listed(proposals.OPEN)[0]["intent"] == "out_of_scope"
    nurse.submit("/inbox/undo", batch=batch)
    assert proposals.listed(proposals.OPEN) == []


def test_a_copy_of_a_test_question_is_not_learnt(nurse):
    label(nurse, "answer:faq_getting_up", "may I be vertical any time soon after it")  # the first is a test question
    asked = "When can I get up after the operation please?"
    numbers = label(nurse, "answer:faq_getting_up", asked, "may I be vertical, soon?")
    assert [proposals.get(n)["use"] for n in numbers] == ["training"]
    assert [row["why"] for row in proposals.listed(proposals.LEFT_OUT)] == ["copy"]
    assert "must not be learnt by heart" in nurse.get("/improve/proposals").text


def test_a_conversation_becomes_a_test(nurse, doctor):
    turn("web-1", "My name is Anna Verte, what are the risks?")
    turn("web-1", "and what will it cost me?", "faq_cost")
    deadline = time.monotonic() + 30
    while len(messages.of("web-1")) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    page = nurse.get("/conversations/web-1/test").text
    assert "My name is Mary Example, what are the risks?" in page and "Verte" not in page
    first, second = (row["id"] for row in messages.of("web-1"))
    fields = {f"text-{first}": "I am Mrs Verte, what are the risks?", f"intent-{first}": "faq_risks"}
    assert nurse.submit("/conversations/web-1/test", **fields).status_code == 400
    assert nurse.submit("/conversations/web-1/test", **{f"text-{first}": ""}).status_code == 400
    fields = {f"text-{first}": "what are the risks?", f"intent-{first}": "faq_risks", f"text-{second}": "no answer chosen"}
    assert "what are the risks?" in nurse.submit("/conversations/web-1/test", **fields).text
    name = re.search(r"/improve/tests/([\w-]+)/remove", doctor.get("/improve").text).group(1)
    assert nurse.submit(f"/improve/tests/{name}/remove").status_code == 403
    assert "what are the risks?" not in doctor.submit(f"/improve/tests/{name}/remove").text


def test_nothing_new_is_not_trained(doctor):
    doctor.submit("/improve/train")
    assert wait(trainings.FAILED)["why"] == "nothing"
    assert "There is nothing new to learn" in doctor.get("/improve").text


def test_a_candidate_survives_the_console_is_promoted_and_taken_back(nurse, doctor, console, small, tmp_path):
    test, *learnt = label(nurse, "answer:faq_cost", *PENCE)
    assert [proposals.get(n)["use"] for n in (test, *learnt)] == ["test", "training", "training"]
    for number in (test, *learnt):
        assert approved(doctor, number) == 200
    state = Path(small["ASSISTANT_STATE"])
    assert PENCE[0] in (state / "questions" / "fresh" / "en" / "clinic.yml").read_text()
    assert nurse.submit("/improve/train").status_code == 403 and "Stop</button>" in doctor.submit("/improve/train").text
    assert doctor.submit("/improve/train").status_code == 409
    console.process.send_signal(signal.SIGKILL)
    console.process.wait()
    console.__enter__()
    assert "progress" in doctor.get("/improve/progress").text
    training = wait(trainings.DONE)
    page = doctor.get("/improve").text
    figures = training["report"]["figures"]
    assert figures["held_out"]["tr"] == {**figures["held_out"]["tr"], "questions": 6, "old": 6, "new": 6}
    assert figures["fresh"]["en"]["new"] == 1 and not training["report"]["refused"] and PENCE[0] in page
    assert nurse.submit(f"/improve/{training['id']}/promote").status_code == 403
    assert "Go back to the model before" not in page and not (state / "nlu").exists()
    doctor.submit(f"/improve/{training['id']}/promote")
    assert noted("doctor")[0] == "model.promoted" and trainings.promotions()[0]["model"] == training["model"]
    assert {example.text for example in overlay.read(state / "nlu")} == {PENCE[1], PENCE[2]}
    assert doctor.submit(f"/improve/{training['id']}/promote").status_code == 409  # it is in use
    patch = nurse.get(f"/improve/{training['id']}/changes.diff").text
    shutil.copytree(small["ASSISTANT_DATA"], tmp_path / "data")
    _applies(patch, tmp_path)
    assert PENCE[1] in (tmp_path / "data" / "nlu" / "en" / "clinic.yml").read_text()
    assert PENCE[0] in (tmp_path / "tests" / "nlu" / "clinic" / "en" / "clinic.yml").read_text()
    doctor.submit("/improve/back")
    assert overlay.read(state / "nlu") == [] and noted("doctor")[0] == "model.back"
    assert doctor.submit(f"/improve/{training['id']}/promote").status_code == 200  # it was compared with this one


def _applies(patch, checkout):
    (checkout / "change.diff").write_text(patch)
    for command in (["git", "init", "-q"], ["git", "apply", "--check", "change.diff"], ["git", "apply", "change.diff"]):
        subprocess.run(command, cwd=checkout, check=True)


def test_a_training_is_stopped_and_leaves_nothing(nurse, doctor, small):
    _approved(nurse, doctor, "doctor")
    doctor.submit("/improve/train")
    while not trainings.latest()["step"].startswith("train"):
        assert trainings.latest()["state"] == trainings.RUNNING
        time.sleep(0.1)
    doctor.submit("/improve/stop")
    row = wait(trainings.STOPPED)
    deadline = time.monotonic() + 20
    while (Path(small["ASSISTANT_STATE"]) / "nlu.versions" / row["version"]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert list(Path(small["ASSISTANT_MODELS"]).glob(".training-*")) == []
    assert "The training was stopped" in doctor.get("/improve").text


@pytest.mark.parametrize("why, words", FAILURES.items())
def test_a_training_that_fails_says_kindly_what_to_do(nurse, doctor, small, tmp_path, why, words):
    _approved(nurse, doctor, why)
    shutil.copytree(Path(small["ASSISTANT_DATA"]).parent, tmp_path / "small", symlinks=True)
    places = {name: str(tmp_path / "small" / Path(small[name]).name) for name in small if name != _DATABASE}
    environment = {**os.environ, **small, **places}
    if why == "training":
        (tmp_path / "small" / "data" / "stories" / "new.yml").write_text("rules: [that, are, none]")
        _pretend_a_model(environment)
    if why == "data":
        folder = tmp_path / "small" / "var" / "questions" / "conversations" / "en"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "new.yml").write_text("turns: {that: are none")
    limit = (_ROOM, _ROOM) if why == "disk" else (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    command = [sys.executable, "-m", "bot.learning.worker", str(trainings.begin("doctor"))]
    preparing = partial(resource.setrlimit, resource.RLIMIT_FSIZE, limit)
    with subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=preparing) as worker:
        while worker.poll() is None:
            _empty_the_journal()
            time.sleep(0.5)
    assert worker.returncode == 0
    assert wait(trainings.FAILED)["why"] == why
    page = doctor.get("/improve").text
    assert words in page and "Nothing was changed" in page


def _empty_the_journal():
    """Keeps the database's journal short, which has to fit where a model does not, however long a training takes."""
    with engine().connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _approved(nurse, doctor, word):
    """Approves two sentences that are unlike; one of them at least is a training example."""
    texts = f"How many banknotes must I bring along, {word}?", f"Which sum stands on your bill in the end, {word}?"
    for number in label(nurse, "answer:faq_cost", *texts):
        assert approved(doctor, number) == 200


def _pretend_a_model(environment):
    """Puts something where the model before would be; it is not read before the training is done."""
    code = "from bot.cli.training import model_path; model_path().touch()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
