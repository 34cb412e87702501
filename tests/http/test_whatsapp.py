"""WhatsApp as a patient, Meta and an operator meet it: the real assistant, and a server that plays the Graph API."""
import itertools
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.whatsapp.identity import Vault
from tests import graph as meta
from tests.conftest import RunningAssistant, _free_port
from tests.graph import Graph, Meta, delivery, message, options, text
from tests.http.console import PASSWORD, Browser

QUESTION = {
    "en": "How long does the operation take?",
    "fr": "Combien de temps dure l'opération ?",
    "tr": "Ameliyat ne kadar sürer?",
}
NOTICE = {"en": "not a doctor", "fr": "pas un médecin", "tr": "doktor değilim"}
EMERGENCY = {"en": "I can't feel my legs any more", "fr": "Je ne sens plus mes jambes", "tr": "Bacaklarımı hissetmiyorum"}
NIGHT = 13 * 3600
_numbers = itertools.count(32470000001)


@pytest.fixture(scope="module")
def graph():
    played = Graph()
    yield played
    played.close()


@pytest.fixture(scope="module")
def server(model, graph, tmp_path_factory):
    environment = {
        "ASSISTANT_STATE": str(tmp_path_factory.mktemp("whatsapp")),
        "ASSISTANT_PORT": str(_free_port()),
        "ASSISTANT_ACTIONS_PORT": str(_free_port()),
        "ASSISTANT_CONSOLE_PORT": str(_free_port()),
        **meta.environment(graph),
    }
    running = RunningAssistant(**environment)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def webhook(server, graph):
    graph.faults, graph.token, graph.meta = lambda body: None, meta.TOKEN, Meta(server.url)
    yield Meta(server.url)
    assert graph.refused == []  # whatever was sent, WhatsApp's limits were kept


@pytest.fixture
def patient():
    return str(next(_numbers))


@pytest.fixture
def known(webhook, graph, patient):
    """A patient who has had the notice and an answer in English."""
    webhook.says(patient, "Thank you")
    graph.wait(patient, 2)
    graph.sent[patient].clear()
    return patient


def rows(server, query, *values):
    with sqlite3.connect(f"{server.environment['ASSISTANT_STATE']}/assistant.db", timeout=15) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def settle(server, seconds=40):
    """Waits until nothing waits any more."""
    deadline = time.monotonic() + seconds
    while True:
        state = health(server).json()
        if state["unanswered"] == state["unsent"] == 0:
            return
        assert time.monotonic() < deadline, state
        time.sleep(0.1)


def press(webhook, patient, title, name):
    """Brings the press of a button."""
    reply = {"type": "button_reply", "button_reply": {"id": name, "title": title}}
    webhook.bring(delivery(message(patient, "interactive", interactive=reply)))


def health(server):
    return httpx.get(f"{server.url}/webhooks/whatsapp/")


def staff_member(server, name):
    """Returns a browser in which `name` is signed in to the console the server was started with."""
    script = f"from bot.store import staff; print(staff.invite('{name}', 'editor'))"
    command = [sys.executable, "-c", script]
    key = subprocess.run(command, check=True, env=server.environment, capture_output=True, text=True).stdout.strip()
    url = f"http://127.0.0.1:{server.environment['ASSISTANT_CONSOLE_PORT']}"
    browser = Browser(httpx.Client(base_url=url, headers={"Accept-Language": "en"}, timeout=60))
    browser.submit(f"/welcome/{key}", password=PASSWORD, again=PASSWORD)
    return browser


def staff_says(server, patient, words):
    """Sends `words` as the staff console will, from a process of its own."""
    script = "import sys; from bot.whatsapp.outbound import send_text; send_text(sys.argv[1], sys.argv[2])"
    command = [sys.executable, "-c", script, conversation(server, patient), words]
    subprocess.run(command, check=True, env=server.environment)


def conversation(server, patient):
    """Returns the conversation of `patient`, found as the server finds it."""
    secret = Path(server.environment["ASSISTANT_STATE"], "secret").read_text().strip()
    name = Vault(secret).pseudonym(f"wa_id {patient}")
    return rows(server, "select conversation from whatsapp_identities where pseudonym = ?", name)[0]["conversation"]


# The handshake and the signature


def test_handshake(webhook):
    question = {"hub.mode": "subscribe", "hub.verify_token": meta.VERIFY, "hub.challenge": "1158201444"}
    answer = httpx.get(webhook.webhook, params=question)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    for wrong in ({"hub.verify_token": "other"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}):
        assert httpx.get(webhook.webhook, params={**question, **wrong}).status_code == 403


@pytest.mark.parametrize(
    "forge",
    [
        lambda raw: "",
        lambda raw: meta.sign(raw)[:-2],
        lambda raw: meta.sign(raw, "another-secret"),
        lambda raw: meta.sign(raw + b" "),
        lambda raw: meta.sign(raw).split("=")[1],
        lambda raw: meta.sign(raw).replace("sha256", "sha1"),
        lambda raw: "sha256=é",
    ],
    ids=["none", "truncated", "other secret", "other body", "no scheme", "other scheme", "no hex"],
)
def test_an_unsigned_delivery_is_refused_and_leaves_no_trace(server, webhook, patient, forge):
    raw = json.dumps(delivery(message(patient, body="hello"))).encode()
    before = rows(server, "select count(*) as n from whatsapp_inbox")
    assert webhook.bring(raw, forge(raw).encode()).status_code == 401
    assert rows(server, "select count(*) as n from whatsapp_inbox") == before


# Conversations


@pytest.mark.parametrize("code", ["en", "fr", "tr"])
def test_a_conversation(webhook, graph, patient, clinic, code):
    asked = webhook.says(patient, QUESTION[code])
    notice, answer = graph.wait(patient, 2)
    assert NOTICE[code] in text(notice) and clinic.emergency_number in text(notice) and notice["type"] == "text"
    assert answer["interactive"]["type"] == "button" and len(options(answer)) == 3
    assert text(answer).splitlines()[-1].startswith("_Source" if code != "tr" else "_Kaynak")
    assert asked["id"] in graph.reads
    title, name = next(iter(options(answer).items()))
    press(webhook, patient, title, name)
    assert "faq" not in text(graph.wait(patient, 3)[2]) and len(graph.sent[patient]) == 3  # no second notice
    webhook.says(patient, "2")
    assert text(graph.wait(patient, 4)[3]) not in (text(graph.sent[patient][2]), text(answer))
    webhook.says(patient, EMERGENCY[code])
    assert clinic.emergency_number in text(graph.wait(patient, 5)[4])


def test_a_greeting_is_answered_by_the_notice_alone(server, webhook, graph, patient):
    webhook.says(patient, "Bonjour !")
    [greeting] = graph.wait(patient)
    settle(server)
    assert NOTICE["fr"] in text(greeting) and len(options(greeting)) == 3 and len(graph.sent[patient]) == 1


def test_an_emergency_comes_before_the_notice(webhook, graph, patient, clinic):
    webhook.says(patient, EMERGENCY["fr"])
    emergency, notice = graph.wait(patient, 2)
    assert text(emergency).startswith("Appelez") and clinic.emergency_number in text(emergency)
    assert NOTICE["fr"] in text(notice)


def test_a_choice_of_another_patient_or_made_up_is_only_words(webhook, graph, patient, known):
    webhook.says(patient, QUESTION["en"])
    name = next(iter(options(graph.wait(patient)[0]).values()))
    stranger = str(next(_numbers))
    for number, (forged, title) in enumerate([(name, "Thank you"), ("/restart", "Thank you"), ("x.1", "Thank you")]):
        press(webhook, stranger, title, forged)
        assert "welcome" in text(graph.wait(stranger, number + 2)[-1])


def test_a_quoted_list_is_answered_by_its_number(webhook, graph, known):
    webhook.says(known, QUESTION["en"])
    first = graph.wait(known)[0]
    webhook.says(known, "What are the risks?")
    graph.wait(known, 2)
    webhook.says(known, "1", context={"from": meta.DISPLAY, "id": first["id"]})
    quoted = text(graph.wait(known, 3)[2])
    press(webhook, known, *next(iter(options(first).items())))
    assert text(graph.wait(known, 4)[3]) == quoted


def test_the_words_of_a_choice_may_be_typed(webhook, graph, known):
    webhook.says(known, QUESTION["en"])
    title, name = next(iter(options(graph.wait(known)[0]).items()))
    webhook.says(known, title)
    typed = text(graph.wait(known, 2)[1])
    press(webhook, known, title, name)
    assert text(graph.wait(known, 3)[2]) == typed


@pytest.mark.parametrize(
    "kind, part, word",
    [
        ("audio", {"audio": {"id": "1", "voice": True}}, "voice"),
        ("image", {"image": {"id": "1"}}, "pictures"),
        ("video", {"video": {"id": "1"}}, "pictures"),
        ("document", {"document": {"id": "1", "filename": "report.pdf"}}, "documents"),
        ("location", {"location": {"latitude": 50.8, "longitude": 4.3}}, "nobody is on the way"),
        ("contacts", {"contacts": [{"name": {"formatted_name": "B"}}]}, "contacts"),
        ("sticker", {"sticker": {"id": "1"}}, "words"),
        ("reaction", {"reaction": {"message_id": "wamid.OUT1", "emoji": "👍"}}, "Thank you"),
        ("unsupported", {"errors": [{"code": 131051, "title": "Message type unknown"}]}, "could not read"),
        ("order", {"order": {"catalog_id": "1"}}, "could not read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_text_gets_a_kind_answer(webhook, graph, known, kind, part, word):
    webhook.bring(delivery(message(known, kind, **part)))
    assert word in text(graph.wait(known)[0])


def test_a_stranger_who_sends_a_voice_message_is_answered_in_every_language(webhook, graph, patient):
    webhook.bring(delivery(message(patient, "audio", audio={"id": "1"})))
    said = "\n".join(map(text, graph.wait(patient, 2)))
    assert all(word in said for word in NOTICE.values())


def test_the_words_below_a_picture_are_read(webhook, graph, known, clinic):
    webhook.bring(delivery(message(known, "image", image={"id": "1", "caption": QUESTION["en"]})))
    picture, answer = graph.wait(known, 2)
    assert "pictures" in text(picture) and options(answer)
    webhook.bring(delivery(message(known, "image", image={"id": "1", "caption": EMERGENCY["en"]})))
    assert clinic.emergency_number in text(graph.wait(known, 3)[2]) and "pictures" not in text(graph.sent[known][2])


def test_a_member_of_staff_takes_over_answers_and_gives_back(webhook, server, graph, known):
    member, name = staff_member(server, "ines"), conversation(server, known)
    deadline = time.monotonic() + 40
    while member.get(f"/conversations/{name}").status_code != 200:  # until the console has read the log
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "You have this conversation" in member.submit(f"/conversations/{name}/take").text
    member.submit(f"/conversations/{name}/reply", text="Good morning, this is the nurse.")
    assert text(graph.wait(known, 1)[0]) == "Good morning, this is the nurse."
    webhook.says(known, "May I take the train?")
    while "May I take the train?" not in member.get(f"/conversations/{name}/talk").text:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(graph.texts(known)) == 1, "the assistant is silent"
    member.submit(f"/conversations/{name}/give-back")
    assert "the assistant is back" in text(graph.wait(known, 2)[1])
    webhook.says(known, QUESTION["en"])
    assert "60 minutes" in text(graph.wait(known, 3)[2])


def test_stop_is_obeyed_until_the_patient_writes_again(server, webhook, graph, known):
    webhook.says(known, "stop")
    assert "stopped" in text(graph.wait(known)[0])
    settle(server)
    staff_says(server, known, "The doctor will call you.")
    time.sleep(3)
    assert len(graph.sent[known]) == 1
    webhook.says(known, QUESTION["en"])
    assert text(graph.wait(known, 3)[1]) == "The doctor will call you."


def test_long_words_of_the_staff_arrive_whole_and_in_order(server, webhook, graph, known):
    words = " ".join(f"Sentence number {number} is here." for number in range(300))
    staff_says(server, known, words)
    pieces = [text(body) for body in graph.wait(known, 3)]
    assert " ".join(pieces) == words and all(piece.endswith(".") for piece in pieces)


# Deliveries again, late, out of order


def test_a_delivery_that_comes_five_times_is_answered_once(server, webhook, graph, known):
    again = delivery(message(known, body=QUESTION["en"]))
    for _ in range(5):
        assert webhook.bring(again).status_code == 200
    graph.wait(known)
    settle(server)
    assert webhook.bring(again).status_code == 200
    settle(server)
    assert len(graph.sent[known]) == 1


def test_several_messages_in_one_delivery_are_answered_in_order(webhook, graph, known):
    asked = [QUESTION["en"], "What are the risks?", "Thank you"]
    webhook.bring(delivery(*[message(known, body=body) for body in asked]))
    said = [text(body) for body in graph.wait(known, 3)]
    assert "welcome" in said[2] and "minutes" in said[0] and said[1] != said[0]


def test_a_message_of_yesterday_gets_an_apology_and_an_emergency_its_answer(webhook, graph, known, clinic):
    webhook.says(known, QUESTION["en"], at=time.time() - NIGHT)
    assert "late" in text(graph.wait(known)[0])
    webhook.says(known, EMERGENCY["en"], at=time.time() - NIGHT)
    assert clinic.emergency_number in text(graph.wait(known, 2)[1]) and "late" not in text(graph.sent[known][1])


def test_an_edited_message_is_answered_again_and_a_deleted_one_left_alone(server, webhook, graph, known):
    first = webhook.says(known, QUESTION["en"])
    graph.wait(known)
    new = {"original_message_id": first["id"], "message": {"type": "text", "text": {"body": "Thank you"}}}
    webhook.bring(delivery(message(known, "edit", edit=new)))
    assert "welcome" in text(graph.wait(known, 2)[1])
    webhook.bring(delivery(message(known, "revoke", revoke={"original_message_id": first["id"]})))
    settle(server)
    assert len(graph.sent[known]) == 2


def test_fifty_patients_at_once(server, webhook, graph):
    patients = [str(next(_numbers)) for _ in range(50)]
    asked = ["Thank you", QUESTION["en"], "What are the risks?", "Goodbye", "Thank you"]
    for body in asked:
        for patient in patients:
            webhook.says(patient, body)
    settle(server, 240)
    said = graph.texts(patients[0])
    assert len(said) == 6 and NOTICE["en"] in said[0] and said[1] == said[5]
    assert all(graph.texts(patient) == said for patient in patients)


# A request


@pytest.mark.parametrize("answer", ["button", "words"])
def test_the_chat_is_the_way_to_be_reached(server, webhook, graph, known, answer):
    for said in ("I want an appointment", "it is for me", "Anna Peeters"):
        webhook.says(known, said)
    question = graph.wait(known, 4)[3]
    assert list(options(question)) == ["This chat"]
    if answer == "button":
        press(webhook, known, *next(iter(options(question).items())))
    else:
        webhook.says(known, "here please")
    for said in ("Tuesday morning", "skip", "first time"):
        webhook.says(known, said)
    assert "WhatsApp chat" in text(graph.wait(known, 8)[7])
    webhook.says(known, "yes, send it")
    assert "has been sent" in text(graph.wait(known, 9)[8])
    mine = conversation(server, known)
    [stored] = [json.loads(row["data"]) for row in rows(server, "select data from requests where conversation = ?", mine)]
    assert stored["contact"] == "WhatsApp chat"
    assert known not in json.dumps(rows(server, "select * from requests"))


def test_who_wants_to_be_called_gives_a_number(webhook, graph, known):
    webhook.says(known, "please call me back")
    webhook.says(known, "Anna Peeters")
    assert "interactive" not in graph.wait(known, 3)[2]


# The patient's number and user id


def test_a_patient_without_a_number_is_answered_by_user_id(webhook, graph):
    user = "BE.13491208655302741918"
    sent = {key: value for key, value in message("x", body="Thank you").items() if key != "from"}
    people = [{"profile": {"name": "A", "username": "a"}, "user_id": user}]
    webhook.bring(delivery(**{"messages": [{**sent, "from_user_id": user}], "contacts": people}))
    assert "recipient" in graph.wait(user, 2)[0] and "to" not in graph.sent[user][0]


def test_a_conversation_survives_a_new_number_and_the_old_number_begins_anew(server, webhook, graph, known):
    new, before = str(next(_numbers)), conversation(server, known)
    system = {"type": "user_changed_number", "body": "User A changed", "wa_id": new}
    webhook.bring(delivery(message(known, "system", system=system)))
    webhook.says(new, "Thank you")
    assert "welcome" in text(graph.wait(new)[0])  # and no second notice
    assert conversation(server, new) == before
    webhook.says(known, "Thank you")
    assert NOTICE["en"] in text(graph.wait(known, 2)[0])
    assert conversation(server, known) != before


def test_a_number_that_goes_to_somebody_else_begins_anew(server, webhook, graph, patient):
    def says(user):
        body = delivery(message(patient, body="Thank you", from_user_id=user))
        body["entry"][0]["changes"][0]["value"]["contacts"][0]["user_id"] = user
        webhook.bring(body)

    says("BE.1")
    graph.wait(patient, 2)
    before = conversation(server, patient)
    says("BE.2")
    assert NOTICE["en"] in text(graph.wait(patient, 4)[2])
    assert conversation(server, patient) != before
    assert [row["state"] for row in rows(server, "select state from whatsapp_outbox where conversation = ?", before)]


def test_no_number_and_no_words_are_stored_in_clear(server, webhook, graph, known):
    webhook.says(known, "My secret word is pamplemousse")
    graph.wait(known)
    for table in ("whatsapp_contacts", "whatsapp_identities", "whatsapp_inbox", "whatsapp_outbox"):
        stored = json.dumps(rows(server, f"select * from {table}"))
        assert known not in stored and "pamplemousse" not in stored
    logs = "".join(path.read_text() for path in server.log.parent.glob("logs/*.log"))
    assert known not in logs and "pamplemousse" not in logs


# Sending


def states(server, patient):
    query = "select state from whatsapp_outbox where conversation = ? order by id"
    return [row["state"] for row in rows(server, query, conversation(server, patient))]


def test_a_state_never_goes_back(server, webhook, graph, known):
    webhook.says(known, "Thank you")
    sent = graph.wait(known)[0]
    settle(server)
    seen = []
    for state in ("delivered", "sent", "read", "delivered", "failed", "read"):
        webhook.bring(delivery(statuses=[{"id": sent["id"], "status": state, "recipient_id": known}]))
        seen.append(states(server, known)[-1])
    assert seen == ["delivered", "delivered", "read", "read", "failed", "failed"]


@pytest.mark.parametrize("code, status", [(130429, 429), (131016, 500), (131056, 400), (None, 503)])
def test_a_passing_fault_is_tried_again(server, webhook, graph, known, code, status):
    left = [(status, meta.error(code, "later") if code else {})]
    graph.faults = lambda body: left.pop() if left else None
    webhook.says(known, "Thank you")
    graph.wait(known)
    settle(server)
    assert len(graph.sent[known]) == 1 and states(server, known)[-1] == "sent"


def test_a_lost_answer_is_settled_by_the_status(server, webhook, graph, known):
    left = ["answer lost"]
    graph.faults = lambda body: left.pop() if left else None
    webhook.says(known, "Thank you")
    graph.wait(known)
    settle(server)
    assert len(graph.sent[known]) == 1 and states(server, known)[-1] == "sent"


@pytest.mark.parametrize("code", [131026, 131051, 131030, 100])
def test_a_final_fault_is_not_tried_again_and_blocks_nothing(server, webhook, graph, known, code):
    left = [(400, meta.error(code, "never"))]
    graph.faults = lambda body: left.pop() if left else None
    webhook.says(known, "Thank you")
    webhook.says(known, "Goodbye")
    assert "Goodbye" in text(graph.wait(known)[0])
    settle(server)
    assert states(server, known)[-2:] == ["failed", "sent"]


def test_a_closed_window_keeps_the_words_and_asks_the_patient_back(server, webhook, graph, known):
    left = [(400, meta.error(131047, "Re-engagement message"))]
    graph.faults = lambda body: left.pop() if left and body["type"] != "template" else None
    staff_says(server, known, "Your appointment is on Monday.")
    assert text(graph.wait(known)[0]) == "<template write_again en>"
    settle(server)
    assert states(server, known)[-2:] == ["kept", "sent"]
    webhook.says(known, "Thank you")
    assert "Monday" in text(graph.wait(known, 2)[1])


def test_an_expired_token_is_told_to_the_operator_and_loses_nothing(server, webhook, graph, known):
    graph.token = "a-new-token"
    webhook.says(known, "Thank you")
    deadline = time.monotonic() + 20
    while health(server).status_code != 503:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert health(server).json()["error"] == 190
    assert "ASSISTANT_WHATSAPP_ACCESS_TOKEN" in (server.log.parent / "logs" / "assistant.log").read_text()
    graph.token = meta.TOKEN
    assert "welcome" in text(graph.wait(known, seconds=90)[0])
    settle(server)
    assert health(server).json()["status"] == "ok"


def test_what_the_clinic_writes_on_its_phone_is_kept_once(server, webhook, graph, known):
    webhook.says(known, "Thank you")
    ours = graph.wait(known)[0]
    settle(server)
    echo = {"from": meta.DISPLAY, "to": known, "id": "wamid.ECHO", "timestamp": "1", "type": "text", "text": {"body": "Hi"}}
    for each in (echo, echo, {**echo, "id": ours["id"]}):
        webhook.bring(delivery(field="smb_message_echoes", message_echoes=[each]))
    query = "select origin from whatsapp_outbox where conversation = ?"
    assert [row["origin"] for row in rows(server, query, conversation(server, known))].count("echo") == 1
    settle(server)
    assert len(graph.sent[known]) == 1


# Nonsense, and the power cut

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PARTS = "id from type timestamp text interactive button image edit revoke system reaction context from_user_id".split()
VALUE = "metadata contacts messages statuses message_echoes user_id_update errors".split()
messages = st.dictionaries(st.sampled_from(PARTS), anything, max_size=8)
values = st.dictionaries(st.sampled_from(VALUE), anything | st.lists(messages | anything, max_size=3), max_size=5)
bodies = anything | st.builds(lambda value: {"entry": [{"changes": [{"value": value}]}]}, values)


@given(bodies)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_signed_nonsense_is_acknowledged(webhook, body):
    assert webhook.bring(json.dumps(body).encode()).status_code == 200


def test_the_assistant_answers_after_all_that(webhook, graph, known):
    for raw in (b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"entry": "\\ud800"}'):
        assert webhook.bring(raw).status_code == 200
    webhook.bring(delivery(message(known, body="Thank \ud800 you \x00")))
    assert "welcome" in text(graph.wait(known)[0])


def test_a_power_cut_between_acknowledgement_and_answer_is_made_good(server, webhook, graph):
    patients = [str(next(_numbers)) for _ in range(20)]
    for patient in patients:
        webhook.says(patient, "Thank you")
    server.kill()
    assert sum(len(graph.sent[patient]) for patient in patients) < 40
    server.start()
    settle(server, 120)
    assert [len(graph.sent[patient]) for patient in patients] == [2] * 20
    assert all("welcome" in graph.texts(patient)[1] for patient in patients)
