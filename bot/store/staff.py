"""Who works in the staff console: accounts, invitations, failed attempts to sign in, and sessions.

Passwords are kept as argon2id hashes, links and sessions as SHA-256 of a random key, so that nobody who reads the
database can sign in with what it holds.
"""
from __future__ import annotations

import hashlib
import re
import secrets
import time
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, List, Optional

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.store.database import engine, insert, metadata

ROLES = ("reader", "editor", "approver", "administrator")  # each may do what the ones before it may
SHORTEST = 12  # characters of a password
_INVITED = 24 * 3600  # seconds a link is good for
_LONGEST, _IDLE = 12 * 3600, 2 * 3600  # seconds a session lasts, and may be left alone
_FAILURES, _LOCKED = 5, 15 * 60  # attempts, and seconds nobody can sign in under that name after them
PASSWORD, CODE = "password", "code"  # what is tried: who knows the password must not guess codes for ever
_NAME = re.compile(r"\w[\w .,'’@+-]*")  # letters of any language; what has a meaning in addresses is not among them

_staff = sa.Table(
    "staff",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password", sa.String(255), nullable=False),
    sa.Column("totp", sa.Text),  # sealed; None without a second factor
    sa.Column("totp_step", sa.Integer, nullable=False, default=0),  # the last code that was used: none is good twice
    sa.Column("language", sa.String(8)),
    sa.Column("active", sa.Boolean, nullable=False, default=True),
)
_invitations = sa.Table(
    "staff_invitations",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120)),  # None: who comes first chooses it
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("until", sa.Float, nullable=False),
)
_attempts = sa.Table(
    "staff_attempts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),  # a hash, with what was tried: people type their password here
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, index=True),
    sa.Column("began", sa.Float, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Member:
    """Somebody of the staff."""

    name: str
    role: str
    totp: Optional[str]
    language: Optional[str]
    active: bool

    def may(self, role: str) -> bool:
        """Returns whether this member may do what needs `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


def anybody() -> bool:
    """Returns whether there is an administrator who can sign in."""
    return any(member.active and member.role == ROLES[-1] for member in everybody())


def everybody() -> List[Member]:
    """Returns all accounts by name."""
    with engine().connect() as connection:
        return [_member(row) for row in connection.execute(sa.select(_staff).order_by(_staff.c.name))]


def workers() -> List[str]:
    """Returns the names of those who can be given something to do."""
    return [member.name for member in everybody() if member.active and member.may("editor")]


def find(name: str) -> Optional[Member]:
    """Returns the account called `name`; None if there is none."""
    with engine().connect() as connection:
        row = connection.execute(sa.select(_staff).where(_staff.c.name == tidy(name))).first()
    return _member(row) if row else None


def tidy(name: str) -> str:
    """Returns `name` as accounts are called: one space between words, small letters, one way to write accents."""
    return " ".join(unicodedata.normalize("NFC", name).replace("İ", "i").split()).lower()[:120]


def fit(name: str) -> bool:
    """Returns whether an account can be called `name`."""
    return _NAME.fullmatch(tidy(name)) is not None


def invite(name: Optional[str], role: str) -> str:
    """Returns the key of a link, good once and for a day, that makes the account or gives it a new password.

    Without `name` whoever uses it chooses one; an earlier link of that kind is void then.
    """
    if role not in ROLES:
        raise ValueError(f"'{role}' is no role; use {', '.join(ROLES)}")
    key = secrets.token_urlsafe(24)
    named = tidy(name) if name else None
    with engine().begin() as connection:
        connection.execute(_invitations.delete().where(_invitations.c.name == named))
        row = {"key": _hash(key), "name": named, "role": role, "until": time.time() + _INVITED}
        connection.execute(_invitations.insert().values(**row))
    return key


def invited(key: str) -> Optional[Any]:
    """Returns name (or None) and role of the invitation `key`; None if it is unknown, used or too old."""
    query = sa.select(_invitations.c.name, _invitations.c.role)
    with engine().connect() as connection:
        return connection.execute(query.where(_invitations.c.key == _hash(key), _invitations.c.until > time.time())).first()


def accept(key: str, name: str, password: str) -> Optional[Member]:
    """Returns the account that the invitation `key` makes, or whose password it changes; None if it is not good.

    An existing account keeps its second factor, and all its sessions end. Without a name in the invitation, a name that
    is taken is refused with None.
    """
    found = invited(key)
    if found is None:
        return None
    named = tidy(found.name or name)
    values = {"password": _hasher().hash(password), "role": found.role, "active": True}
    known = _staff.c.name == named
    try:
        with engine().begin() as connection:
            if not connection.execute(_invitations.delete().where(_invitations.c.key == _hash(key))).rowcount:
                return None
            changed = found.name and connection.execute(_staff.update().where(known).values(**values)).rowcount
            if not changed:
                connection.execute(_staff.insert().values(name=named, totp_step=0, **values))
            connection.execute(_sessions.delete().where(_sessions.c.name == named))
    except sa.exc.IntegrityError:
        return None
    forgive(named)
    return find(named)


def locked(name: str, what: str) -> bool:
    """Counts an attempt with a `PASSWORD` or `CODE` of `name`; returns whether it is refused unseen, after many failures.

    Unknown names are counted too, so nothing tells them from known ones. Passwords and codes are counted by themselves:
    who knows the password must not guess codes for ever, and who does not must not keep anybody from using theirs.
    """
    now = time.time()
    first = insert(_attempts).values(name=_tried(name, what), count=1, at=now)
    more = {"count": _attempts.c.count + 1, "at": now}
    with engine().begin() as connection:
        connection.execute(_attempts.delete().where(_attempts.c.at < now - _LOCKED))
        fewer = _attempts.c.count < _FAILURES
        return connection.execute(first.on_conflict_do_update(index_elements=["name"], set_=more, where=fewer)).rowcount == 0


def check(name: str, password: str) -> Optional[Member]:
    """Returns the active account `name` if the password is right, else None, after the same time."""
    with engine().connect() as connection:
        row = connection.execute(sa.select(_staff).where(_staff.c.name == tidy(name))).first()
    right = _verified(row.password if row else _nobody(), password)
    return _member(row) if row is not None and right and row.active else None


def forgive(name: str, *what: str) -> None:
    """Forgets the failed attempts of `name`, who has signed in: with a `PASSWORD` or `CODE`, or all."""
    tried = [_tried(name, each) for each in what or (PASSWORD, CODE)]
    with engine().begin() as connection:
        connection.execute(_attempts.delete().where(_attempts.c.name.in_(tried)))


def use_code(name: str, step: int) -> bool:
    """Returns whether the one-time code of time step `step` was not used before, and notes that it is now."""
    fresh = _staff.update().where(_staff.c.name == name, _staff.c.totp_step < step)
    with engine().begin() as connection:
        return connection.execute(fresh.values(totp_step=step)).rowcount == 1


def change(name: str, *, password: Optional[str] = None, **values: Any) -> None:
    """Sets role, language, totp or active of `name`; a new password, and being switched off, end all sessions.

    With another role, or switched on or off, an invitation from before is void: it would undo that.
    """
    if password is not None:
        values["password"] = _hasher().hash(password)
    with engine().begin() as connection:
        connection.execute(_staff.update().where(_staff.c.name == name).values(**values))
        if password is not None or values.get("active") is False:
            connection.execute(_sessions.delete().where(_sessions.c.name == name))
        if {"role", "active"} & set(values):
            connection.execute(_invitations.delete().where(_invitations.c.name == name))


def begin(name: str) -> str:
    """Returns the key of a new session of `name`."""
    key, now = secrets.token_urlsafe(32), time.time()
    with engine().begin() as connection:
        connection.execute(_sessions.delete().where(sa.or_(*_over(now))))
        connection.execute(_sessions.insert().values(key=_hash(key), name=name, began=now, seen=now))
    return key


def who(key: str, *, prolong: bool = True) -> Optional[Member]:
    """Returns whose session `key` is; None if it is unknown or over.

    Looking prolongs it, by minutes to spare the disk; `prolong` is false where nobody looks, but a page asks by itself.
    """
    now, mine = time.time(), _sessions.c.key == _hash(key)
    query = sa.select(_staff, _sessions.c.seen).join(_sessions, _sessions.c.name == _staff.c.name)
    with engine().connect() as connection:
        row = connection.execute(query.where(mine, _staff.c.active, sa.not_(sa.or_(*_over(now))))).first()
    if row is None:
        return None
    if prolong and row.seen < now - 60:
        with engine().begin() as connection:
            connection.execute(_sessions.update().where(mine).values(seen=now))
    return _member(row)


def end(key: str) -> None:
    """Ends a session."""
    with engine().begin() as connection:
        connection.execute(_sessions.delete().where(_sessions.c.key == _hash(key)))


def forget_older_than(days: int) -> None:
    """Deletes sessions, links and counted attempts that ended `days` ago at the latest; the accounts stay."""
    ended = time.time() - days * 86_400
    with engine().begin() as connection:
        connection.execute(_sessions.delete().where(sa.or_(*_over(ended))))
        connection.execute(_attempts.delete().where(_attempts.c.at < ended - _LOCKED))
        connection.execute(_invitations.delete().where(_invitations.c.until < ended))


def _over(now: float) -> List[Any]:
    return [_sessions.c.began < now - _LONGEST, _sessions.c.seen < now - _IDLE]


def _member(row: Any) -> Member:
    return Member(row.name, row.role, row.totp, row.language, bool(row.active))


def _verified(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id with the parameters of RFC 9106


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _tried(name: str, what: str) -> str:
    """Returns under what attempts are counted; the name stands last, so that none can look like another kind."""
    return _hash(f"{what} {tidy(name)}")


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
