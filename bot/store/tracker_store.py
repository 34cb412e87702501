"""Rasa's conversations in SQL, read so that the hundredth day is as fast as the first.

Rasa's own store reads every event since the session began for each message, and its policies then walk through all
of them; a conversation gets slower with each turn. This one reads the last turns only, and what earlier ones left
behind: the latest value of each slot and the active form. Every event is still written, once. A conversation that went on
here is not read again as long as nobody else wrote into it.
"""
from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any, Dict, List, NamedTuple, Optional, Set, Text, Type

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT_NAME_KEY
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.engine import Connection

from bot.settings import settings
from bot.store.database import engine, quick_transaction

TURNS = 8  # messages of the patient that the policies see, at least
MOST = 12  # to which a conversation held in memory grows before it is read anew
_HELD = 200  # conversations in memory, the latest
_EVENT_TYPES: Dict[str, Type[Event]] = {}
_STORED = "_events_already_stored"
_events: sa.Table = SQLTrackerStore.SQLEvent.__table__
_OF = _events.c.sender_id == sa.bindparam("sender")
_NEWEST = sa.select(sa.func.max(_events.c.id)).where(_OF)
_TURN_IDS = (
    sa.select(_events.c.id)
    .where(_OF, _events.c.type_name.in_((UserUttered.type_name, SessionStarted.type_name)))
    .order_by(_events.c.id.desc())
    .limit(TURNS)
)
# A turn begins where the assistant last began to listen before the patient's message.
_BEGINNING = sa.select(sa.func.max(_events.c.id)).where(
    _OF,
    _events.c.id < sa.bindparam("first"),
    _events.c.type_name == ActionExecuted.type_name,
    _events.c.action_name == "action_listen",
)
_SINCE = sa.select(_events.c.data).where(_OF, _events.c.id >= sa.bindparam("start")).order_by(_events.c.id)
_LAST_OF_EACH = (
    sa.select(sa.func.max(_events.c.id))
    .where(
        _OF, _events.c.id < sa.bindparam("start"), _events.c.type_name.in_((SlotSet.type_name, ActiveLoop.type_name))
    )
    .group_by(_events.c.type_name, sa.case([(_events.c.type_name == SlotSet.type_name, _events.c.action_name)], else_=""))
)
_LEFT_BEHIND = sa.select(_events.c.data).where(_events.c.id.in_(_LAST_OF_EACH)).order_by(_events.c.id)


class _Held(NamedTuple):
    """A conversation as it went on here, and the newest of its events."""

    newest: int
    tracker: DialogueStateTracker


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
        self._held: "OrderedDict[str, _Held]" = OrderedDict()

    async def _retrieve(self, sender_id: Text, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        self._unread.add(sender_id)
        held = self._held.pop(sender_id, None)  # a turn that fails leaves nothing that the next one would go on with
        if fetch_events_from_all_sessions or self.domain is None:
            tracker = await super()._retrieve(sender_id, fetch_events_from_all_sessions)
            self._unread.discard(sender_id)
            return tracker
        with self.engine.connect() as connection:
            newest = connection.execute(_NEWEST, {"sender": sender_id}).scalar()
            known = held.tracker if held is not None and held.newest == newest else None
            rows = _recent(connection, sender_id) if known is None and newest is not None else []
        self._unread.discard(sender_id)
        if known is not None or newest is None:
            return known
        events = [event for event in (_event(json.loads(data)) for data in rows) if event is not None]
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores what is new in `tracker`.

        Raises:
            RasaException: the conversation could not be read a moment ago. Rasa then begins an empty one, which must not
                follow on what is there as if the patient had begun anew.
        """
        sender = tracker.sender_id
        if sender in self._unread:
            raise RasaException("a conversation that could not be read is not continued")
        await self.stream_events(tracker)
        new = [_row(sender, event) for event in list(tracker.events)[self._stored(tracker) :]]
        with quick_transaction() as connection:
            if new:
                connection.execute(_events.insert(), new)
            newest = connection.execute(_NEWEST, {"sender": sender}).scalar()
        setattr(tracker, _STORED, len(tracker.events))
        if newest and sum(isinstance(event, UserUttered) for event in tracker.events) < MOST:
            self._held[sender] = _Held(newest, tracker)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)

    def _stored(self, tracker: DialogueStateTracker) -> int:
        """Returns how many events of `tracker` are in the table: it remembers, but for one that was not read here."""
        stored: Optional[int] = getattr(tracker, _STORED, None)
        if stored is None:
            with self.session_scope() as session:
                stored = self._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False).count()
        return stored


def _row(sender: str, event: Event) -> Dict[str, Any]:
    """Returns `event` as Rasa's own store writes it."""
    data = event.as_dict()
    return {
        "sender_id": sender,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": (data.get("parse_data") or {}).get("intent", {}).get(INTENT_NAME_KEY),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _recent(connection: Connection, sender: str) -> List[str]:
    """Returns the events of the last turns, after those that carry what earlier turns left behind."""
    turns = connection.execute(_TURN_IDS, {"sender": sender}).scalars().all()
    if len(turns) < TURNS:
        return connection.execute(_SINCE, {"sender": sender, "start": 0}).scalars().all()
    start = connection.execute(_BEGINNING, {"sender": sender, "first": turns[-1]}).scalar() or turns[-1]
    found = {"sender": sender, "start": start}
    return [*connection.execute(_LEFT_BEHIND, found).scalars(), *connection.execute(_SINCE, found).scalars()]
