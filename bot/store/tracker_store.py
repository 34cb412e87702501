"""Rasa's conversations in SQL, read so that the hundredth day is as fast as the first.

Rasa's own store reads every event since the session began for each message, and its policies then walk through all
of them; a conversation gets slower with each turn. This one reads the last turns only, and what earlier ones left
behind: the latest value of each slot and the active form. Every event is still written, once.
"""
from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Optional, Set, Text, Type

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.common import all_subclasses

from bot.settings import settings
from bot.store.database import engine

TURNS = 12  # messages of the patient that the policies see
_EVENT_TYPES: Dict[str, Type[Event]] = {}
_STORED = "_events_already_stored"


def _event(data: Dict[Text, Any]) -> Optional[Event]:
    """Returns the event `data` describes. Rasa's own look-up walks through all classes, a fifth of a turn's time."""
    if not _EVENT_TYPES:
        for candidate in all_subclasses(Event):
            _EVENT_TYPES.setdefault(candidate.type_name, candidate)
    known = _EVENT_TYPES.get(data.get("event", ""))
    return known._from_parameters(data) if known is not None else Event.from_parameters(data)


class RecentTurnsTrackerStore(SQLTrackerStore):
    """SQLite in the state folder, or PostgreSQL by ASSISTANT_DATABASE_URL; the table is Rasa's own."""

    engine: "sa.engine.Engine"

    def __init__(
        self, domain: Optional[Domain] = None, event_broker: Optional[EventBroker] = None, **kwargs: Any
    ) -> None:
        url = sa.engine.make_url(settings().database_url)
        if url.drivername.startswith("sqlite"):
            settings().state.mkdir(parents=True, exist_ok=True)
        super().__init__(domain, host=str(url), event_broker=event_broker)
        self.engine.dispose()
        self.engine = engine()  # that of the process, which finds out by itself when the database was away
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)
        self._unread: Set[str] = set()

    async def _retrieve(self, sender_id: Text, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        self._unread.add(sender_id)
        if fetch_events_from_all_sessions or self.domain is None:
            tracker = await super()._retrieve(sender_id, fetch_events_from_all_sessions)
            self._unread.discard(sender_id)
            return tracker
        with self.session_scope() as session:
            rows = self._recent(session, sender_id)
        self._unread.discard(sender_id)
        if not rows:
            return None
        events = [event for event in (_event(json.loads(row.data)) for row in rows) if event is not None]
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores what is new in `tracker`.

        Raises:
            RasaException: the conversation could not be read a moment ago. Rasa then begins an empty one, which must not
                follow on what is there as if the patient had begun anew.
        """
        if tracker.sender_id in self._unread:
            raise RasaException("a conversation that could not be read is not continued")
        await super().save(tracker)

    def _recent(self, session: "sa.orm.Session", sender_id: str) -> List[Any]:
        """Returns the rows of the last turns, after those that carry what earlier turns left behind."""
        table = self.SQLEvent
        mine = session.query(table).filter(table.sender_id == sender_id)
        turns = (
            session.query(table.id)
            .filter(table.sender_id == sender_id, table.type_name.in_((UserUttered.type_name, SessionStarted.type_name)))
            .order_by(table.id.desc())
            .limit(TURNS)
            .all()
        )
        if len(turns) < TURNS:
            return mine.order_by(table.id).all()
        # A turn begins where the assistant last began to listen before the patient's message.
        start = (
            session.query(sa.func.max(table.id))
            .filter(
                table.sender_id == sender_id,
                table.id < turns[-1].id,
                table.type_name == ActionExecuted.type_name,
                table.action_name == "action_listen",
            )
            .scalar()
        ) or turns[-1].id
        recent = mine.filter(table.id >= start).order_by(table.id).all()
        left_behind = (
            session.query(sa.func.max(table.id))
            .filter(
                table.sender_id == sender_id,
                table.id < start,
                table.type_name.in_((SlotSet.type_name, ActiveLoop.type_name)),
            )
            .group_by(table.type_name, sa.case([(table.type_name == SlotSet.type_name, table.action_name)], else_=""))
        )
        return [*mine.filter(table.id.in_(left_behind)).order_by(table.id).all(), *recent]

    def _additional_events(self, session: "sa.orm.Session", tracker: DialogueStateTracker) -> Iterator[Event]:
        """Returns the events of this turn; `tracker` remembers how many it was read with."""
        stored = getattr(tracker, _STORED, None)
        if stored is None:
            return super()._additional_events(session, tracker)
        events = list(tracker.events)[stored:]
        setattr(tracker, _STORED, len(tracker.events))
        return iter(events)
