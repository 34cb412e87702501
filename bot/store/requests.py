"""What patients asked the clinic for: the staff's queue. A request and what must be delivered of it are stored together.

The states: sent, seen, answered (both set by staff), withdrawn (by the patient).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.scheduling import references
from bot.scheduling.contacts import CHAT
from bot.store import outbox
from bot.store.database import engine, metadata, transaction

_SAME_WITHIN = 7 * 86_400  # seconds in which the same wish, repeated in one conversation, is one request
OPEN = ("sent", "seen")
BEFORE = {"seen": (*OPEN, "answered"), "answered": OPEN}  # what staff may set, and of which requests

_requests = sa.Table(
    "requests",
    metadata,
    sa.Column("reference", sa.String(16), primary_key=True),
    sa.Column("draft", sa.String(64), nullable=False, unique=True),  # the form it was made with: sent twice, stored once
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("same", sa.String(64), nullable=False, index=True),  # hash of who wants what
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Request:
    """A request; `data` is what `bot.scheduling.form.as_data` gives, times are seconds since 1970."""

    reference: str
    conversation: str
    kind: str
    state: str
    version: int
    language: str
    data: Dict[str, Any]
    at: float
    changed_at: float

    def as_json(self) -> Dict[str, Any]:
        """Returns what targets get of it: everything but the conversation's name."""
        return {
            "reference": self.reference,
            "kind": self.kind,
            "state": self.state,
            "version": self.version,
            "language": self.language,
            "at": self.at,
            **self.data,
        }


def create(
    conversation: str, draft: str, kind: str, language: str, data: Mapping[str, Any], targets: Tuple[str, ...]
) -> Tuple[Request, bool]:
    """Returns the stored request, and whether it is new.

    It is not when this `draft` was stored before, or when the same was asked for in this conversation a short time ago:
    that request then has the newer data. In another conversation anybody may write a name and a number that are not
    theirs, so that is a new request (see :func:`doubles`). Raises sqlalchemy.exc.SQLAlchemyError if the database is away.
    """
    try:
        return _create(conversation, draft, kind, language, data, targets)
    except sa.exc.IntegrityError:  # another process stored this draft a moment ago
        return _create(conversation, draft, kind, language, data, targets)


def change(reference: str, data: Mapping[str, Any], targets: Tuple[str, ...]) -> Optional[Request]:
    """Returns the request with its new data, sent on once more; None if it is unknown or no longer open."""
    return _changed(reference, targets, data=data)


def withdraw(reference: str, targets: Tuple[str, ...]) -> Optional[Request]:
    """Returns the request, withdrawn; None if it is unknown or no longer open."""
    return _changed(reference, targets, state="withdrawn")


def set_state(reference: str, state: str, *, within: Optional[Connection] = None) -> bool:
    """Notes what staff did with a request, "seen" or "answered"; False if its state does not allow that (see `BEFORE`)."""
    if state not in BEFORE:
        raise ValueError(f"'{state}' is no state that staff set; use {', '.join(BEFORE)}")
    allowed = (_requests.c.reference == reference, _requests.c.state.in_(BEFORE[state]))
    with transaction(within) as connection:
        changed = _requests.update().where(*allowed).values(state=state, changed_at=time.time())
        return connection.execute(changed).rowcount == 1


def find(reference: str) -> Optional[Request]:
    """Returns a request; None if there is none of that reference."""
    with engine().connect() as connection:
        return _one(connection, _requests.c.reference == reference)


def of(conversation: str) -> List[Request]:
    """Returns the open requests made in `conversation`, the newest first."""
    return queue(_requests.c.conversation == conversation)


def every(conversation: str) -> List[Request]:
    """Returns all requests made in `conversation`, in order, whatever became of them."""
    return _listed(sa.select(_requests).where(_requests.c.conversation == conversation).order_by(_requests.c.at))


def queue(*conditions: Any) -> List[Request]:
    """Returns the open requests, the newest first: what staff have to do."""
    return _listed(sa.select(_requests).where(_requests.c.state.in_(OPEN), *conditions).order_by(_requests.c.at.desc()))


def doubles() -> Dict[str, List[str]]:
    """Returns by reference the open requests of other conversations for the same, by the same name and contact."""
    alike: Dict[Tuple[str, str], List[Request]] = defaultdict(list)
    for request in queue():
        asked = json.dumps(request.data) if request.kind == "question" else ""
        alike[_same(request.kind, request.data, request.conversation), asked].append(request)
    return {
        request.reference: [other.reference for other in group if other.conversation != request.conversation]
        for group in alike.values()
        for request in group
    }


def closed(limit: int = 100) -> List[Request]:
    """Returns requests that were answered or withdrawn, the latest first."""
    query = sa.select(_requests).where(_requests.c.state.notin_(OPEN)).order_by(_requests.c.changed_at.desc())
    return _listed(query.limit(limit))


def forget(conversation: str) -> None:
    """Deletes the requests made in `conversation`, and what was still to be delivered of them."""
    with engine().begin() as connection:
        connection.execute(_requests.delete().where(_requests.c.conversation == conversation))
    outbox.forget(conversation)


def forget_older_than(days: int) -> None:
    """Deletes requests that nobody touched for `days`."""
    with engine().begin() as connection:
        connection.execute(_requests.delete().where(_requests.c.changed_at < time.time() - days * 86_400))


def _create(
    conversation: str, draft: str, kind: str, language: str, data: Mapping[str, Any], targets: Tuple[str, ...]
) -> Tuple[Request, bool]:
    now = time.time()
    same = _same(kind, data, conversation)
    with engine().begin() as connection:
        known = _one(connection, _requests.c.draft == draft)
        if known:
            return known, False
        again = _one(
            connection,
            sa.and_(
                _requests.c.same == same,
                _requests.c.conversation == conversation,
                _requests.c.state.in_(OPEN),
                _requests.c.at > now - _SAME_WITHIN,
                sa.or_(_requests.c.kind != "question", _requests.c.data == json.dumps(dict(data))),
            ),
        )
        if again:
            return _update(connection, again, data=data, targets=targets), False
        row = {
            "reference": references.made(),
            "draft": draft,
            "conversation": conversation,
            "kind": kind,
            "state": "sent",
            "version": 1,
            "language": language,
            "same": same,
            "data": json.dumps(dict(data)),
            "at": now,
            "changed_at": now,
        }
        connection.execute(_requests.insert().values(**row))
        made = _read(row)
        _hand_on(connection, made, "new", targets)
        return made, True


def _changed(reference: str, targets: Tuple[str, ...], **new: Any) -> Optional[Request]:
    with engine().begin() as connection:
        known = _one(connection, _requests.c.reference == reference)
        return _update(connection, known, targets=targets, **new) if known and known.state in OPEN else None


def _update(
    connection: Any,
    known: Request,
    *,
    targets: Tuple[str, ...],
    data: Optional[Mapping[str, Any]] = None,
    state: str = "sent",
) -> Request:
    data = dict(known.data if data is None else data)
    if data == known.data and state == known.state:
        return known
    values = {
        "data": json.dumps(data),
        "state": state,
        "version": known.version + 1,
        "same": _same(known.kind, data, known.conversation),
        "changed_at": time.time(),
    }
    connection.execute(_requests.update().where(_requests.c.reference == known.reference).values(**values))
    changed = _one(connection, _requests.c.reference == known.reference)
    assert changed is not None
    _hand_on(connection, changed, "withdrawn" if state == "withdrawn" else "changed", targets)
    return changed


def _hand_on(connection: Any, request: Request, event: str, targets: Tuple[str, ...]) -> None:
    for target in targets:
        if target == "fhir" and request.kind != "appointment":
            continue
        outbox.put(
            connection,
            conversation=request.conversation,
            target=target,
            group=request.reference,
            key=f"{request.reference}.{request.version}",
            payload={"event": f"{request.kind}.{event}", **request.as_json()},
        )


def _one(connection: Any, condition: Any) -> Optional[Request]:
    row = connection.execute(sa.select(_requests).where(condition).order_by(_requests.c.at.desc())).first()
    return _read(row._mapping) if row else None


def _listed(query: Any) -> List[Request]:
    with engine().connect() as connection:
        return [_read(row._mapping) for row in connection.execute(query)]


def _read(row: Mapping[str, Any]) -> Request:
    names = ("reference", "conversation", "kind", "state", "version", "language", "at", "changed_at")
    return Request(data=json.loads(row["data"]), **{name: row[name] for name in names})


def _same(kind: str, data: Mapping[str, Any], conversation: str) -> str:
    """Returns a hash of who wants what; two people of one name who are reached in their chats are two."""
    contact = conversation if data.get("contact") == CHAT else str(data.get("contact", ""))
    who = "|".join([kind, str(data.get("name", "")).casefold(), contact.casefold()])
    return hashlib.sha256(who.encode()).hexdigest()
