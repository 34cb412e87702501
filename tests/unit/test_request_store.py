"""Requests, outbox and hand-overs in a real database: SQLite, and PostgreSQL where this machine has it."""

import threading
import time

import pytest
import sqlalchemy as sa

from bot.scheduling.contacts import CHAT
from bot.store import database as db
from bot.store import erasure, feedback, handovers, outbox, requests, staff, threads, whatsapp_outbox
from tests.postgres import Postgres
from tests.unit.databases import at_once

DATA = {"whom": "self", "name": "Anna Peeters", "contact": "+32 470 12 34 56", "when": []}
TARGETS = ("mail", "webhook", "fhir")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('store') / 'test.db'}"
    else:
        server = Postgres()
        yield server.url
        server.close()


@pytest.fixture
def store(url, monkeypatch):
    """An engine of its own for the stores, with empty tables."""
    made = sa.create_engine(url, **({"connect_args": {"timeout": 15}} if url.startswith("sqlite") else {}))
    monkeypatch.setattr(db, "_ready", lambda: made)
    db.metadata.drop_all(made)
    db.metadata.create_all(made)
    yield made
    made.dispose()


def make(draft="d1", conversation="web-1", **data):
    return requests.create(conversation, draft, "appointment", "en", {**DATA, **data}, TARGETS)


def test_a_draft_sent_twice_is_one_request_and_one_delivery_a_target(store):
    first, new = make()
    again, newer = make()
    assert new and not newer and first == again
    assert outbox.counts() == {"waiting": len(TARGETS)}


def test_the_same_wish_a_second_time_replaces_the_first(store):
    first, _ = make()
    second, new = make("d2", reason="pain")
    assert not new and second.reference == first.reference and second.version == 2
    assert requests.find(first.reference).data["reason"] == "pain"
    other, new = make("d3", name="Somebody Else")
    assert new and other.reference != first.reference


def test_nobody_takes_over_the_request_of_another_conversation(store):
    first, _ = make(reason="pain")
    other, new = make("d2", "web-2", reason="none of it")
    assert new and other.reference != first.reference and requests.find(first.reference) == first
    make("d3", "web-2", name="Somebody Else")
    make("d4", "whatsapp-1", contact=CHAT)
    make("d5", "whatsapp-2", contact=CHAT)
    doubles = requests.doubles()
    assert doubles[first.reference] == [other.reference] and doubles[other.reference] == [first.reference]
    assert sum(map(bool, doubles.values())) == 2
    requests.withdraw(other.reference, TARGETS)
    assert not any(requests.doubles().values())


def test_two_people_of_one_name_who_are_reached_in_their_chats_are_two(store):
    first, _ = make("d1", "whatsapp-1", contact=CHAT)
    other, new = make("d2", "whatsapp-2", contact=CHAT)
    assert new and other.reference != first.reference
    again, new = make("d3", "whatsapp-1", contact=CHAT, reason="pain")
    assert not new and again.reference == first.reference


def test_two_processes_that_store_one_draft_at_once_store_one(store):
    found = []
    workers = [threading.Thread(target=lambda: found.append(make("same")[0].reference)) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 6 and len(set(found)) == 1
    assert outbox.counts() == {"waiting": len(TARGETS)}


def test_a_request_is_changed_and_withdrawn_once(store):
    made, _ = make()
    assert requests.change(made.reference, {**DATA, "reason": "x"}, TARGETS).version == 2
    assert requests.withdraw(made.reference, TARGETS).state == "withdrawn"
    assert requests.withdraw(made.reference, TARGETS) is None and requests.of("web-1") == []
    assert outbox.counts() == {"waiting": 3 * len(TARGETS)}


def test_of_one_request_the_older_delivery_goes_first_and_each_is_one_workers(store):
    made, _ = make()
    requests.withdraw(made.reference, ("webhook",))
    claimed = [outbox.claim() for _ in range(4)]
    assert [d.key for d in claimed[:3]] == [f"{made.reference}.1"] * 3 and claimed[3] is None
    hook = next(d for d in claimed[:3] if d.target == "webhook")
    outbox.sent(hook)
    assert outbox.claim().payload["event"] == "appointment.withdrawn"


def test_a_failure_waits_and_after_days_is_given_up_but_not_lost(store):
    requests.create("web-1", "d", "callback", "en", DATA, ("mail",))
    delivery = outbox.claim()
    assert not outbox.failed(delivery, "HTTP 503") and outbox.claim() is None
    old = delivery.__class__(**{**delivery.__dict__, "at": delivery.at - outbox.PATIENCE})
    assert outbox.failed(old, "HTTP 503") and outbox.counts() == {"dead": 1}
    assert outbox.troubles()[0]["error"] == "HTTP 503"
    assert outbox.wake() == 1 and outbox.claim().key == delivery.key


def test_what_has_arrived_keeps_no_personal_data(store):
    make()
    while delivery := outbox.claim():
        outbox.sent(delivery)
    assert [row.payload for row in store.execute("SELECT payload FROM outbox")] == ["{}"] * len(TARGETS)


def test_a_hand_over_is_taken_once_answered_and_given_back(store):
    assert handovers.ask("web-1", "fr", {"topics": ["faq_risks"]}, TARGETS)
    assert not handovers.ask("web-1", "fr", {}, TARGETS)
    assert [h.conversation for h in handovers.waiting()] == ["web-1"]
    assert not handovers.reply("web-1", "Ines", "too early")
    assert handovers.take("web-1", "Ines") and not handovers.take("web-1", "Tom")
    assert handovers.reply("web-1", "Ines", "Bonjour") and not handovers.reply("web-1", "Tom", "me too")
    assert not handovers.miss("web-1", {"text": "nobody came"})
    assert handovers.give_back("web-1", "back") and handovers.current("web-1") is None
    assert [(e["from"], e["text"]) for e in threads.after("web-1", 0)] == [("staff", "Bonjour"), ("assistant", "back")]
    assert handovers.ask("web-1", "fr", {}, ())
    assert outbox.counts() == {"waiting": 2}  # mail and webhook; an appointment server has no use for it


def test_who_waits_too_long_is_told_once(store):
    handovers.ask("web-1", "en", {}, ())
    assert handovers.overdue(5) == []
    store.execute("UPDATE handovers SET at = at - 400")
    [held] = handovers.overdue(5)
    assert handovers.miss(held.conversation, {"text": "sorry"}) and not handovers.miss(held.conversation, {"text": "sorry"})
    assert [e["text"] for e in threads.elsewhere(["web-1"], 0, "one") for e in [e[1]]] == ["sorry"]
    assert held.at < handovers.standing("web-1")[1] <= time.time() and handovers.standing("web-2")[1] is None


def test_who_took_a_conversation_and_forgets_it_loses_it(store):
    for name in ("web-1", "web-2", "web-3", "web-4", "web-5"):
        handovers.ask(name, "en", {}, ())
        handovers.take(name, "ines")
    store.execute("UPDATE handovers SET at = at - 1000, taken_at = taken_at - 900")  # asked for, and taken somewhat later
    store.execute("UPDATE handovers SET at = taken_at WHERE conversation = 'web-4'")  # taken unasked
    handovers.reply("web-2", "ines", "Good morning")
    handovers.reply("web-3", "ines", "Good morning")
    handovers.reply("web-5", "ines", "Good morning")
    threads.add("web-3", {"from": "patient", "text": "hello?"})
    threads.add("web-3", {"from": "patient", "text": "hello??"})
    threads.add("web-5", {"from": "patient", "text": "a moment ago"})
    store.execute("UPDATE thread_events SET at = at - 700 WHERE conversation != 'web-5'")
    assert [held.conversation for held in handovers.forsaken(20)] == []
    assert [held.conversation for held in handovers.forsaken(10)] == ["web-1", "web-3"]
    assert not handovers.miss("web-1", {"text": "sorry"}) and handovers.miss("web-1", {"text": "sorry"}, before="taken")
    assert not handovers.reply("web-1", "ines", "I am back") and handovers.standing("web-1")[1]
    assert [held.conversation for held in handovers.forsaken(10)] == ["web-3"]


def test_nobody_keeps_a_conversation_whose_account_is_off(store):
    staff.accept(staff.invite("ines", "editor"), "ines", "a long enough password")
    handovers.ask("web-1", "en", {}, ())
    handovers.take("web-1", "ines")
    assert handovers.forsaken(10) == []
    staff.change("ines", active=False)
    assert [held.conversation for held in handovers.forsaken(10)] == ["web-1"]


def test_words_of_staff_go_with_all_that_belongs_to_them_or_not_at_all(store):
    handovers.ask("whatsapp-1", "fr", {}, ())
    assert handovers.take("whatsapp-1", "Ines") and handovers.take("whatsapp-1", "Ines")
    with pytest.raises(RuntimeError), db.transaction() as connection:
        assert handovers.reply("whatsapp-1", "Ines", "Bonjour", key="form-1", within=connection)
        raise RuntimeError("what was to be noted with it failed")
    assert threads.after("whatsapp-1", 0) == [] and whatsapp_outbox.last("whatsapp-1") is None
    for _ in range(2):  # a double click
        assert handovers.reply("whatsapp-1", "Ines", "Bonjour", key="form-1")
    assert handovers.reply("whatsapp-1", "Ines", "Bonjour", key="form-2")
    assert len(threads.after("whatsapp-1", 0)) == 2
    assert store.execute("SELECT COUNT(*) FROM whatsapp_outbox").scalar() == 2


def test_a_hand_over_does_not_end_without_the_words_that_say_so(store):
    handovers.ask("whatsapp-1", "en", {}, ())
    store.execute("ALTER TABLE whatsapp_outbox RENAME TO away")
    with pytest.raises(sa.exc.SQLAlchemyError):
        handovers.miss("whatsapp-1", {"text": "sorry"})
    store.execute("ALTER TABLE away RENAME TO whatsapp_outbox")
    assert handovers.current("whatsapp-1").state == "waiting" and threads.after("whatsapp-1", 0) == []
    assert handovers.miss("whatsapp-1", {"text": "sorry"}) and handovers.current("whatsapp-1") is None


def test_what_the_patient_withdrew_is_not_answered(store):
    request, _ = make()
    assert requests.set_state(request.reference, "seen") and requests.set_state(request.reference, "answered")
    assert not requests.set_state(request.reference, "answered") and requests.set_state(request.reference, "seen")
    requests.withdraw(request.reference, ())
    assert not any(requests.set_state(request.reference, state) for state in requests.BEFORE)
    assert requests.find(request.reference).state == "withdrawn"


def test_red_flags_that_come_at_once_are_all_noted(store):
    handovers.ask("web-1", "en", {"topics": ["faq_risks"]}, ())
    flags = [f"flag-{number}" for number in range(8)]
    at_once(handovers.note_red_flag, [("web-1", flag) for flag in flags])
    assert handovers.current("web-1").summary == {"topics": ["faq_risks"], "red_flags": flags}


def test_erasing_leaves_nothing_but_the_receipt(store):
    store.execute("DROP TABLE IF EXISTS events")
    store.execute("CREATE TABLE events (id INTEGER, sender_id VARCHAR(255), data TEXT)")
    store.execute("INSERT INTO events VALUES (1, 'web-1', 'Anna Peeters')")
    make()
    handovers.ask("web-1", "en", {"open_question": "?"}, TARGETS)
    feedback.record("web-1", "utter_faq_risks", "en", helpful=True)
    threads.add("web-1", {"from": "patient", "text": "Anna Peeters"})
    receipt = erasure.erase("web-1")
    for table in ("requests", "outbox", "handovers", "feedback", "thread_events", "events"):
        assert store.execute(f"SELECT COUNT(*) FROM {table}").scalar() == 0, table
    assert erasure.erased(receipt) and not erasure.erased("unknown")
    assert "Anna" not in str(store.execute("SELECT * FROM erasures").all())
    store.execute("DROP TABLE events")
