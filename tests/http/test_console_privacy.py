"""A patient asks what is kept of them, and to be erased; the dashboard counts, and what leaves it is harmless."""
import csv
import io
import json
import re
import time
from datetime import timedelta

import pytest

from bot.console import exports
from bot.learning import conversations, erasing
from bot.settings import settings
from bot.store import (
    assignments,
    audit,
    days,
    feedback,
    handovers,
    messages,
    proposals,
    requests,
    retention,
    review,
    threads,
    trainings,
    whatsapp_contacts,
    whatsapp_inbox,
)
from bot.store.database import engine, metadata
from bot.whatsapp.identity import Vault
from tests import events
from tests.events import turn

LEARNT = "est-ce risqué pour Marie Exemple ?"


@pytest.fixture(scope="module")
def people(console):
    return {name: console.member(name, role) for name, role in [("rita", "reader"), ("eric", "editor"), ("ann", "approver")]}


@pytest.fixture(autouse=True)
def _empty():
    events.empty()
    for name in ("web-1", "web-2", "whatsapp-9"):
        erasing.erase(name)


def indexed(count):
    deadline = time.monotonic() + 30
    while sum(row["count"] for row in messages.listed(limit=1_000)) < count:
        assert time.monotonic() < deadline, "the console does not read the log"
        time.sleep(0.1)


def somebody():
    """Stores a patient with everything that can be kept of one; returns the reference of the request."""
    turn("web-1", "Je m'appelle Anna Peeters, est-ce dangereux ?", language="fr")
    turn("web-2", "is it dangerous?")
    indexed(2)
    data = {"whom": "self", "name": "Anna Peeters", "contact": "+32 470 12 34 56", "reason": "douleur", "when": []}
    request, _ = requests.create("web-1", f"draft-{time.time()}", "appointment", "fr", data, ())
    requests.set_state(request.reference, "answered")
    feedback.record("web-1", "utter_faq_risks", "fr", helpful=True)
    handovers.ask("web-1", "fr", {"topics": [], "open_question": "Et ma mère ?"}, ())
    review.note("web-1", "eric", "Rappelée <b>lundi</b>")
    threads.add("web-1", {"from": "patient", "text": "Anna Peeters"})
    assignments.assign("web-1", "web-1", "eric")
    sentence = {"message": 1, "text": LEARNT, "language": "fr", "intent": "faq_risks", "use": "test"}
    more = {"conversation": "web-1", "batch": "b", "state": proposals.OPEN, "why": None, "proposer": "eric"}
    proposals.add([{**sentence, **more}])
    conversations.add("fr", [{"text": "je m'appelle Marie Exemple", "intents": ["greet"]}], "web-1")
    return request.reference


def test_a_patient_gets_everything_that_is_kept_to_read_and_for_machines(people):
    reference, ann = somebody(), people["ann"]
    with engine().begin() as connection:
        sealed = Vault(settings().secret).seal({"wa_id": "32470123456"})
        whatsapp_contacts.create(connection, "whatsapp-9", sealed, time.time())
    page = ann.submit("/privacy/find", words=f" {reference.lower()} ").text
    assert "web-1" in page and "Requests with names and contacts" in page
    data = json.loads(ann.submit("/privacy/web-1/export", form="json").text)
    assert data["requests"][0]["contact"] == "+32 470 12 34 56"
    assert data["messages"][0]["text"].startswith("Je m'appelle Anna")
    assert data["notes_of_staff"][0]["text"].startswith("Rappelée") and data["feedback"][0]["helpful"] is True
    assert data["asked_for_a_person"][0]["open_question"] == "Et ma mère ?" and "eric" not in str(data)
    answer = ann.submit("/privacy/web-1/export", form="html")
    assert "attachment" in answer.headers["content-disposition"] and '<html lang="fr">' in answer.text
    assert "Anna Peeters" in answer.text and "&lt;b&gt;lundi" in answer.text
    assert data["records"]["labels"]["proposals"][0]["text"] == LEARNT
    assert data["tests"] == [[{"text": "je m'appelle Marie Exemple", "intents": ["greet"]}]]
    assert f"<li>{LEARNT}</li>" in answer.text and "<li>je m&#39;appelle Marie Exemple</li>" in answer.text
    assert "Qui s'occupe" in answer.text.replace("&#39;", "'") and "Conversations that were made tests" in page
    noted = [entry["action"] for entry in audit.read(limit=2)]
    assert noted == ["conversation.exported.html", "conversation.exported.json"]
    with engine().begin() as connection:
        whatsapp_inbox.add(connection, "m1", "whatsapp-9", time.time(), Vault(settings().secret).seal({"text": "allô"}))
    waiting = json.loads(ann.submit("/privacy/whatsapp-9/export", form="json").text)["records"]["received"]
    assert waiting["whatsapp_inbox"][0]["body"] == {"text": "allô"}
    assert data["whatsapp"] == {} and json.loads(ann.submit("/privacy/whatsapp-9/export", form="json").text)["whatsapp"] == {
        "wa_id": "32470123456"
    }
    assert ann.submit("/privacy/web-1/export", form="exe").status_code == 400
    for other in ("rita", "eric"):
        assert people[other].submit("/privacy/web-1/export", form="json").status_code == 403


def test_a_patient_is_erased_and_the_receipt_says_so(people):
    reference, ann = somebody(), people["ann"]
    assert ann.submit("/privacy/web-1/erase").status_code == 400 and requests.find(reference)
    assert people["eric"].submit("/privacy/web-1/erase", sure="yes").status_code == 403
    page = ann.submit("/privacy/web-1/erase", sure="yes").text
    receipt = re.search(r"Receipt for the patient: (\w+)", page).group(1)
    assert requests.find(reference) is None and messages.conversation("web-1") is None and review.notes("web-1") == []
    assert ann.get("/privacy/web-1").status_code == 404 and messages.conversation("web-2")
    assert not proposals.of("web-1") and not conversations.of("web-1")
    assert "receipt of an erasure" in ann.submit("/privacy/find", words=receipt.lower()).text
    assert receipt in ann.get(f"/privacy?receipt={receipt}").text and "FAKE" not in ann.get("/privacy?receipt=FAKE").text
    assert ann.submit("/privacy/find", words="web-1").status_code == 404
    assert ann.submit("/privacy/find", words=" ").status_code == 404
    assert "Peeters" not in str(audit.read(limit=20)) and audit.read(limit=1)[0]["subject"] == receipt


def test_a_reference_is_found_as_it_is_spelt_on_the_telephone(people):
    reference = somebody()
    for words in (reference, reference.lower(), reference.replace("-", ""), f" {reference.lower().replace('-', ' ')} "):
        assert "What is kept of a person" in people["ann"].submit("/privacy/find", words=words).text, words


def test_the_clocks_are_shown(people):
    page = people["ann"].get("/privacy").text
    assert "What patients and the assistant said" in page and "<td>180</td>" in page and "<td>1095</td>" in page


def test_every_number_of_the_dashboard_leads_to_its_messages(people):
    at = time.time() - 86_400
    for number in range(3):
        turn(f"web-{number}", "is it dangerous?", at=at)
    turn("web-1", "quoi ?", "nlu_fallback", at=at, language="fr")
    turn("whatsapp-2", "my legs are numb", "emergency", red_flag="legs", at=at)
    indexed(5)
    rita = people["rita"]
    page = rita.get("/dashboard").text
    assert page.count("<svg") > 10 and 'class="emergency"' in page and "What are the risks" in page
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/dashboard/messages[^"]*)"', page)}
    for part, count in (("outcome=unsure", 1), ("topic=faq_risks", 3), ("language=fr", 1), ("channel=whatsapp", 1)):
        (link,) = {link for link in links if link.endswith(part)}
        assert rita.get(link).text.count('href="/conversations/w') == count, link
    assert "quoi" not in rita.get("/dashboard/messages?language=en").text
    day = days.day(at).isoformat()
    assert f"since={day}&amp;until={day}" in page and "5" in page
    for query in ("since=x&until=y&channel='&language=zz", "since=2020-01-01&until=2020-02-01"):
        assert rita.get(f"/dashboard?{query}").status_code == 200
    assert rita.get("/dashboard?since=2026-02-01&until=2026-01-01").status_code == 400
    assert rita.get("/dashboard/messages?before=x&outcome='&topic=%00").status_code == 200


def test_who_asked_for_a_person_is_listed_with_the_time_until_one_wrote(people):
    turn("web-1", "a person please", "talk_to_human")
    turn("web-2", "is it dangerous?")
    indexed(2)
    handovers.ask("web-1", "en", {"topics": []}, ())
    handovers.take("web-1", "eric")
    handovers.reply("web-1", "eric", "Good morning")
    rita = people["rita"]
    page = rita.get("/dashboard").text
    assert "half of them within 0 min" in page and "in 50% of the conversations" in page
    assert "/conversations/web-1" in rita.get("/dashboard/people?wait=0").text
    assert "/conversations/web-1" not in rita.get("/dashboard/people?wait=4").text
    assert "/conversations/web-1" not in rita.get("/dashboard/people?state=missed").text


def test_before_and_after_is_shown_of_every_model_promoted_in_the_days_asked_for(people):
    table, now = metadata.tables["promotions"], time.time()
    for number in range(8):
        with trainings.promoting(f"model-{number}", "0001", "eric", None):
            pass
    with engine().begin() as connection:
        connection.execute(table.update().where(table.c.model == "model-0").values(at=now - 40 * 86_400))
    rita, long_ago = people["rita"], days.day(now - 50 * 86_400)
    assert [f"<code>model-{n}</code>" in rita.get("/dashboard").text for n in range(8)] == [False] + [True] * 7
    assert "<code>model-0</code>" in rita.get(f"/dashboard?since={long_ago}").text
    with engine().begin() as connection:
        connection.execute(table.delete())


@pytest.mark.parametrize("words", ["=1+1", "+32 1", "-2", "@SUM(A1)", "\t=1", " =1", "＝1", "\r\n=1"])
def test_no_cell_is_run_by_a_spreadsheet(words):
    assert exports.cell(words) == f"'{words}"
    assert exports.cell("a=1") == "a=1" and exports.cell(-2) == -2 and exports.cell(None) == ""


def test_tables_leave_without_names_and_formulas(people):
    turn("web-1", "=HYPERLINK(\"http://evil\") I am Anna Peeters, call 0470 12 34 56")
    turn("web-2", "is it dangerous?")
    indexed(2)
    today = days.day(time.time())
    query = f"since={today - timedelta(days=1)}&until={today}"
    answer = people["eric"].get(f"/dashboard/messages.csv?{query}")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert {row["conversation"] for row in rows} == {"web-1", "web-2"} and "12 34 56" not in answer.text
    assert all(not row["text"].startswith("=") for row in rows) and "attachment" in answer.headers["content-disposition"]
    assert people["rita"].get(f"/dashboard/messages.csv?{query}").status_code == 403
    counted = list(csv.DictReader(io.StringIO(people["rita"].get(f"/dashboard.csv?{query}").text.lstrip("\ufeff"))))
    assert sum(int(row["messages"]) for row in counted) == 2 and counted[0]["title"]
    assert "messages.exported" in [entry["action"] for entry in audit.read(limit=3)]


def test_the_clocks_run_beside_the_assistant(assistant):
    deadline = time.monotonic() + 60
    while not all(state.ran_at for state in retention.states()):
        assert time.monotonic() < deadline, "nothing is deleted"
        time.sleep(0.2)
