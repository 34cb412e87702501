"""The clinic's calendar: today's date where the clinic is, opening hours, and which of the wished-for days are open."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Iterable, List, Mapping, Optional, Tuple
from zoneinfo import ZoneInfo

from bot.scheduling.dates import Window
from bot.settings import WEEK, Clinic

_NOON = time(12)
_YEAR = 366  # days


def now(clinic: Clinic) -> datetime:
    """Returns the time at the clinic."""
    return datetime.now(ZoneInfo(clinic.time_zone))


def opening(clinic: Clinic, day: date, hours: Optional[Mapping[str, str]] = None) -> Optional[Tuple[time, time]]:
    """Returns from when to when it is open on `day`, or None: a holiday, or no day of `hours` (the opening hours)."""
    found = (clinic.opening_hours if hours is None else hours).get(WEEK[day.weekday()])
    if not found or day in clinic.closed_on:
        return None
    first, last = found.split("-")
    return time.fromisoformat(first), time.fromisoformat(last)


def is_open(clinic: Clinic, moment: datetime, hours: Optional[Mapping[str, str]] = None) -> bool:
    """Returns whether it is open at `moment`, a time at the clinic; `hours` as in :func:`opening`."""
    found = opening(clinic, moment.date(), hours)
    return bool(found and found[0] <= moment.time() < found[1])


def next_opening(clinic: Clinic, moment: datetime, hours: Optional[Mapping[str, str]] = None) -> Optional[datetime]:
    """Returns when it opens next after `moment`; None if it never does. `hours` as in :func:`opening`."""
    for ahead in range(_YEAR):
        day = moment.date() + timedelta(days=ahead)
        found = opening(clinic, day, hours)
        if found and (ahead or moment.time() < found[0]):
            return datetime.combine(day, found[0], tzinfo=moment.tzinfo)
    return None


def after(clinic: Clinic, moment: datetime, hours: float) -> datetime:
    """Returns when so many opening hours after `moment`, a time at the clinic, are over."""
    left, day = timedelta(hours=hours), moment.date()
    for _ in range(3 * _YEAR):
        found = opening(clinic, day)
        if found:
            begins, ends = (datetime.combine(day, at, tzinfo=moment.tzinfo) for at in found)
            begins = max(begins, moment)
            if begins + left <= ends:
                return begins + left
            left -= max(ends - begins, timedelta())
        day += timedelta(days=1)
    return moment + timedelta(hours=hours)  # a clinic that is never open


def open_on(clinic: Clinic, day: date, half: Optional[str]) -> bool:
    """Returns whether patients are seen on `day`, in that half of it if one is named."""
    found = opening(clinic, day)
    if not found:
        return False
    return half is None or (found[0] < _NOON if half == "morning" else found[1] > _NOON)


def check(clinic: Clinic, windows: Iterable[Window], today: date) -> Tuple[List[Window], Optional[str]]:
    """Returns the windows in which the clinic sees patients, and what is wrong with the others.

    The problem is "past", "today", "far" or "closed"; None if there is none. Of a window that begins in the past the rest
    is kept.
    """
    kept: List[Window] = []
    problem: Optional[str] = None
    for window in windows:
        if window.last < today:
            problem = problem or "past"
        elif window.last == today:
            problem = problem or "today"
        elif (window.first - today).days > 370:
            problem = problem or "far"
        elif not any(open_on(clinic, day, window.half) for day in window.dates() if day > today):
            problem = problem or "closed"
        else:
            kept.append(window)
    return kept, problem
