"""Where requests go besides the staff's queue, as clinic.yml states it under `requests` and `hand_over`."""

from __future__ import annotations

import re
from typing import Dict, Optional, Tuple

from pydantic import BaseModel, Extra, Field, HttpUrl, validator

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Strict(BaseModel):
    class Config:
        """Unknown keys are errors, and nothing changes after loading."""

        extra = Extra.forbid
        frozen = True


def checked_hours(hours: Optional[Dict[str, str]]) -> Dict[str, str]:
    """Returns `hours` by day of the week; raises ValueError naming the day and what it should look like."""
    for day, span in (hours or {}).items():
        if day not in WEEK:
            raise ValueError(f"'{day}' is no day; use {', '.join(WEEK)}")
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", str(span)):
            raise ValueError(f"{day}: '{span}' should look like 08:30-17:00")
    return hours or {}


class Mail(_Strict):
    """A mailbox of the clinic, reached by SMTP."""

    to: str = Field(regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    sender: str = Field(regex=r"^[^@\s]+@[^@\s]+$")
    host: str = Field(min_length=1)
    port: int = Field(default=587, gt=0, lt=65536)
    security: str = Field(default="starttls", regex=r"^(starttls|tls|none)$")

    @validator("security")
    def _only_at_home(cls, value: str, values: Dict[str, object]) -> str:
        if value == "none" and values.get("host") not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("'none' would send patients' names unprotected; use starttls or tls, or a host on this machine")
        return value


class Endpoint(_Strict):
    """An address that takes JSON over HTTP: https, or plain http on this machine."""

    url: HttpUrl

    @validator("url")
    def _protected(cls, value: HttpUrl) -> HttpUrl:
        if value.scheme != "https" and value.host not in ("localhost", "127.0.0.1", "[::1]"):
            raise ValueError("must begin with https://; only on this machine may it be http://")
        return value


class Requests(_Strict):
    """What happens with appointment requests, calls back and questions that are passed on."""

    by_link_only: bool = False
    answer_within_hours: int = Field(default=24, gt=0, le=336)
    mail: Optional[Mail] = None
    webhook: Optional[Endpoint] = None
    fhir: Optional[Endpoint] = None

    @property
    def targets(self) -> Tuple[str, ...]:
        """The names of the targets that are configured, in order."""
        return tuple(name for name in ("mail", "webhook", "fhir") if getattr(self, name))


class HandOver(_Strict):
    """Conversations can be handed to a person, in these hours (the opening hours if left out)."""

    minutes: int = Field(gt=0, le=240)
    hours: Optional[Dict[str, str]] = None

    @validator("hours", pre=True)
    def _days_and_hours(cls, value: Optional[Dict[str, str]]) -> Optional[Dict[str, str]]:
        return checked_hours(value) if value else None
