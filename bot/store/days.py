"""Days on the clinic's clock, and those whose counts in bot/store/statistics.py have to be made anew."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Iterable, Tuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.settings import settings
from bot.store.database import metadata

stale_days = sa.Table("stale_days", metadata, sa.Column("day", sa.String(10), primary_key=True))


def day(at: float) -> date:
    """Returns the day of `at`, seconds since 1970."""
    return datetime.fromtimestamp(at, zone()).date()


def bounds(which: date) -> Tuple[float, float]:
    """Returns when a day begins and ends, in seconds since 1970; where clocks change it has 23 or 25 hours."""
    first, after = (datetime.combine(each, time(), zone()) for each in (which, which + timedelta(days=1)))
    return first.timestamp(), after.timestamp()


def mark(connection: Connection, times: Iterable[float]) -> None:
    """Notes that something changed on the days of `times`."""
    for which in {day(at).isoformat() for at in times}:
        connection.execute(sa.text("INSERT INTO stale_days (day) VALUES (:day) ON CONFLICT DO NOTHING"), {"day": which})


@lru_cache(maxsize=1)
def zone() -> ZoneInfo:
    """Returns the clinic's time zone."""
    return ZoneInfo(settings().clinic.time_zone)
