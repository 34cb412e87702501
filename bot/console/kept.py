"""A form that came when its session had ended, kept until its sender has signed in: nothing that was typed is lost."""
from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.settings import settings

Pairs = List[Tuple[str, str]]
_GOOD = 3600  # seconds
_SECRETS = {"password", "old", "again", "code"}


def sealed(path: str, pairs: Sequence[Tuple[str, str]]) -> Optional[str]:
    """Returns the form that was sent to `path`, signed, to be carried by the page in between; None if it has a password."""
    if any(name in _SECRETS for name, _ in pairs):
        return None
    return str(_signer().dumps([path, [pair for pair in pairs if pair[0] != "csrf"]]))


def opened(text: str) -> Optional[Tuple[str, Pairs]]:
    """Returns path and fields of a form that was sealed in the last hour; None if it is no such thing."""
    try:
        path, pairs = _signer().loads(text, max_age=_GOOD)
    except BadSignature:
        return None
    return path, [(name, value) for name, value in pairs]


def typed(pairs: Sequence[Tuple[str, str]]) -> List[str]:
    """Returns what somebody wrote among the fields of a form: the rest were clicks."""
    return [value for name, value in pairs if (name.startswith("text") or name in ("reason", "tag")) and value.strip()]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret, salt="console form")
