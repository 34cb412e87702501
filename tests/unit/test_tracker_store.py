"""Conversations are stored once and whole, and read back short."""
import asyncio

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.settings import ROOT
from bot.store import database, tracker_store
from bot.store.tracker_store import MOST, TURNS, RecentTurnsTrackerStore


@pytest.fixture
def store(tmp_path, monkeypatch):
    configured = tracker_store.settings()
    changed = type(configured)(
        configured.clinic, "127.0.0.1", 1, 2, tmp_path, f"sqlite:///{tmp_path / 'conversations.db'}"
    )
    made = sa.create_engine(changed.database_url)
    monkeypatch.setattr(tracker_store, "settings", lambda: changed)
    monkeypatch.setattr(tracker_store, "engine", lambda: made)
    monkeypatch.setattr(database, "engine", lambda: made)
    return RecentTurnsTrackerStore(Domain.load(ROOT / "domain.yml"))


async def turn(store, number, *extra):
    tracker = await store.get_or_create_tracker("web-1")
    tracker.update(UserUttered(f"question {number}", {"name": "greet"}))
    for event in extra:
        tracker.update(event)
    for event in (ActionExecuted("utter_greet"), BotUttered(f"answer {number}"), ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)


def rows(store):
    with store.session_scope() as session:
        return session.query(store.SQLEvent).order_by(store.SQLEvent.id).all()


def test_every_event_is_stored_once_in_order(store):
    async def talk():
        for number in range(3 * TURNS):
            await turn(store, number)

    asyncio.run(talk())
    texts = [row.data for row in rows(store) if row.type_name == "user"]
    assert len(texts) == 3 * TURNS
    assert all(f"question {number}" in text for number, text in enumerate(texts))


def test_only_the_last_turns_are_read(store):
    async def talk():
        for number in range(5 * TURNS):
            await turn(store, number)
        return await store.retrieve("web-1"), await store.retrieve_full_tracker("web-1")

    tracker, full = asyncio.run(talk())
    asked = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert TURNS <= len(asked) < MOST
    assert asked == [f"question {number}" for number in range(5 * TURNS - len(asked), 5 * TURNS)]
    assert tracker.latest_message.text == asked[-1] and tracker.latest_action_name == "action_listen"
    assert len([e for e in full.events if isinstance(e, UserUttered)]) == 5 * TURNS


def test_what_somebody_else_wrote_is_read(store):
    async def talk():
        await turn(store, 0)
        other = RecentTurnsTrackerStore(store.domain)
        await turn(other, 1, SlotSet("language", "tr"))
        await turn(store, 2)
        return await other.retrieve("web-1")

    tracker = asyncio.run(talk())
    asked = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert asked == ["question 0", "question 1", "question 2"] and tracker.get_slot("language") == "tr"


def test_what_a_failed_turn_did_is_gone(store):
    async def talk():
        await turn(store, 0)
        (await store.retrieve("web-1")).update(UserUttered("lost"))
        return await store.retrieve("web-1")

    assert asyncio.run(talk()).latest_message.text == "question 0"


def test_what_was_erased_is_not_remembered(store):
    async def talk():
        await turn(store, 0, SlotSet("language", "fr"))
        with store.engine.begin() as connection:
            connection.execute("DELETE FROM events")
        return await store.retrieve("web-1")

    assert asyncio.run(talk()) is None


def test_what_earlier_turns_left_behind_is_kept(store):
    async def talk():
        await turn(store, 0, SlotSet("language", "fr"))
        await turn(store, 1, SlotSet("language", "tr"), ActiveLoop("some_form"))
        for number in range(2, 3 * TURNS):
            await turn(store, number)
        return await store.retrieve("web-1")

    tracker = asyncio.run(talk())
    assert tracker.get_slot("language") == "tr"
    assert tracker.active_loop_name == "some_form"


def test_a_tracker_that_was_not_read_here_is_stored_too(store):
    tracker = DialogueStateTracker.from_events("web-2", [ActionExecuted("action_listen"), UserUttered("hello")])
    asyncio.run(store.save(tracker))
    asyncio.run(store.save(tracker))
    assert len(rows(store)) == 2


def test_a_conversation_that_cannot_be_read_is_not_begun_anew(store):
    async def talk():
        await turn(store, 0, ActiveLoop("some_form"))
        with store.engine.begin() as connection:
            connection.execute("ALTER TABLE events RENAME TO away")
        with pytest.raises(sa.exc.OperationalError):
            await store.retrieve("web-1")
        with store.engine.begin() as connection:
            connection.execute("ALTER TABLE away RENAME TO events")
        with pytest.raises(RasaException):  # Rasa keeps it in memory
            await store.save(DialogueStateTracker.from_events("web-1", [UserUttered("hello")]))
        return await store.retrieve("web-1")

    assert asyncio.run(talk()).active_loop_name == "some_form"


def test_an_unknown_conversation_is_none(store):
    assert asyncio.run(store.retrieve("nobody")) is None
