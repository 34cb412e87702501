"""Counts by day follow the index of messages: what comes, what is judged later, what is erased, what is too old."""
import time
from datetime import date, timedelta

import pytest

from bot.settings import settings
from bot.store import days, erasure, handovers, messages, statistics, trainings
from bot.store.database import engine, metadata
from bot.store.message_log import MessageLog
from tests import events
from tests.events import turn
from tests.unit.databases import either, server  # noqa: F401 - fixtures

NOON = days.bounds(days.day(time.time()) - timedelta(days=3))[0] + 43_200
SPAN = statistics.Span(days.day(NOON), days.day(NOON))


@pytest.fixture(autouse=True)
def _empty(either):  # noqa: F811
    def empty():
        events.empty()
        with engine().begin() as connection:
            for name in ("message_days", "stale_days", "handovers", "thread_events", "promotions"):
                connection.execute(metadata.tables[name].delete())

    empty()
    yield
    empty()


def filled():
    while MessageLog().fill():
        pass
    statistics.refresh()


def counts(span=SPAN):
    return {name: number for name, number in statistics.totals(span).items() if number}


def test_each_message_is_counted_once_by_what_became_of_it():
    turn("web-1", "is it dangerous?", at=NOON)
    turn("web-1", "thanks", "thank", at=NOON + 1)
    turn("web-2", "xyz", "nlu_fallback", at=NOON, language="fr")
    turn("whatsapp-3", "my legs are numb", "emergency", red_flag="legs", at=NOON)
    turn("whatsapp-3", "may I fly?", "uncovered_medical_question", at=NOON + 1)
    turn("web-4", "the weather?", "out_of_scope", at=NOON)
    filled()
    filled()
    each = dict.fromkeys(("answered", "unsure", "emergency", "uncovered", "refused", "other"), 1)
    assert counts() == {"messages": 6, **each}
    assert {row["channel"]: row["messages"] for row in statistics.by("channel", SPAN)} == {"web": 4, "whatsapp": 2}
    assert counts(SPAN._replace(language="fr")) == {"messages": 1, "unsure": 1}
    assert counts(SPAN._replace(channel="whatsapp"))["emergency"] == 1
    assert counts(statistics.Span(SPAN.first + timedelta(days=1), date.today())) == {}


def test_every_count_leads_to_its_messages():
    for number in range(3):
        turn(f"web-{number}", "is it dangerous?", at=NOON + number)
    turn("web-0", "/feedback_negative", "feedback_negative", at=NOON + 60)
    turn("web-9", "xyz", "nlu_fallback", at=NOON)
    filled()
    found = statistics.listed(SPAN, topic="faq_risks", outcome="answered")
    assert [row["conversation"] for row in found] == ["web-2", "web-1", "web-0"]
    assert len(statistics.listed(SPAN, before=found[0]["at"], topic="faq_risks")) == 2
    assert len(statistics.listed(SPAN, verdict="down")) == counts()["down"] == 1
    assert len(statistics.listed(SPAN, outcome="unsure")) == counts()["unsure"] == 1
    assert statistics.listed(SPAN._replace(language="tr")) == []


def test_who_is_erased_leaves_the_counts_and_what_is_too_old_stays_in_them():
    turn("web-1", "is it dangerous?", at=NOON)
    turn("web-2", "is it dangerous?", at=NOON)
    filled()
    erasure.erase("web-1")
    filled()
    assert counts() == {"messages": 1, "answered": 1}
    messages.forget_older_than(1)
    statistics.refresh()
    assert counts() == {"messages": 1, "answered": 1} and statistics.listed(SPAN) == []
    statistics.forget_older_than(2)
    assert counts() == {}


def test_a_day_of_which_a_part_is_gone_is_not_counted_again():
    old = time.time() - settings().clinic.keep_conversations_days * 86_400 - 60
    with engine().begin() as connection:
        row = {"day": days.day(old).isoformat(), "language": "en", "channel": "web", "topic": "faq_risks"}
        connection.execute(statistics._days.insert().values(**row, **{name: 5 for name in statistics.COUNTS}))
        days.mark(connection, [old])
    assert statistics.refresh() == 1 and statistics.refresh() == 0
    assert counts(statistics.Span(days.day(old), days.day(old)))["messages"] == 5


def test_how_long_patients_waited_for_a_person():
    for name, taken in (("web-1", True), ("whatsapp-2", True), ("web-3", False)):
        handovers.ask(name, "en", {"topics": []}, ())
        if taken:
            handovers.take(name, "ines")
            handovers.say(name, "Good morning", "en", sender="staff", kind="staff")
            handovers.say(name, 'he said "from": "staff"', "en")
    today = days.day(time.time())
    found = {held.conversation: seconds for held, seconds in statistics.handovers(statistics.Span(today, today))}
    assert found["web-3"] is None and 0 <= found["web-1"] < 60 and set(found) == {"web-1", "whatsapp-2", "web-3"}
    found = statistics.handovers(statistics.Span(today, today, None, "whatsapp"))
    assert [held.conversation for held, _ in found] == ["whatsapp-2"]
    assert statistics.handovers(statistics.Span(today, today, "fr")) == []


def test_the_share_handed_over_is_of_conversations():
    for number in range(4):
        turn(f"web-{number}", "a person please", "talk_to_human", at=NOON)
    filled()
    for name in ("web-1", "web-1", "web-2", "web-9"):  # twice in one; one whose messages are gone
        handovers.ask(name, "en", {"topics": []}, ())
        handovers.take(name, "ines")
        handovers.give_back(name)
    with engine().begin() as connection:
        connection.execute(metadata.tables["handovers"].update().values(at=NOON + 1))
    assert (statistics.conversations(SPAN), statistics.conversations(SPAN, handed_over=True)) == (4, 2)
    assert statistics.conversations(SPAN._replace(channel="whatsapp"), handed_over=True) == 0


def test_promotions_are_read_and_those_that_failed_left_out():
    for model, version in (("first", "0001"), ("second", "0002")):
        with trainings.promoting(model, version, "ines", None):
            pass
    assert [model for _, model in statistics.promotions()] == ["second", "first"]
    trainings.loaded("second", well=False)
    assert [model for _, model in statistics.promotions()] == ["first"]


def test_days_are_those_of_the_clinic_also_when_its_clock_changes():
    for which, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 21), 24)):
        begin, end = days.bounds(which)
        assert end - begin == hours * 3600 and days.day(begin) == which and days.day(end - 1) == which
