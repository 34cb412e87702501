"""A request in a person's language, line by line: for the patient's summary and for the clinic's mail."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Dict, List, Mapping, Tuple

from babel.dates import format_date, format_time, get_day_names

from bot import yaml_files
from bot.scheduling.contacts import CHAT
from bot.scheduling.dates import HORIZON, Window
from bot.settings import ROOT

_LABELS = ROOT / "data" / "requests.yml"
_OPEN_END = 180  # days: a window that ends later than so has no end anybody meant


@lru_cache(maxsize=1)
def labels() -> Dict[str, Dict[str, str]]:
    """Returns the words of data/requests.yml, by name and language."""
    return yaml_files.read(_LABELS)


def label(name: str, language: str) -> str:
    """Returns one of the words; KeyError if there is none of that name."""
    return labels()[name][language]


def day(value: date, language: str) -> str:
    """Returns a date with its weekday, as people say it."""
    pattern = {"en": "EEEE d MMMM", "fr": "EEEE d MMMM", "tr": "d MMMM EEEE"}.get(language, "EEEE d MMMM")
    return format_date(value, pattern if value.year == date.today().year else f"{pattern} y", locale=language)


def moment(value: datetime, language: str) -> str:
    """Returns a day and an hour."""
    return f"{day(value.date(), language)}, {format_time(value.time(), 'HH:mm', locale=language)}"


def window(value: Window, language: str) -> str:
    """Returns one window in words."""
    if value.first == value.last:
        said = day(value.first, language)
    else:
        names = get_day_names("wide", locale=language)
        some = ", ".join(names[index] for index in sorted(value.days)) if len(value.days) < 7 else ""
        ends = (value.last - date.today()).days < min(_OPEN_END, HORIZON)
        starts = (value.first - date.today()).days > 1
        span = label("from_to" if ends else "from_on", language) if starts or ends else ""
        span = span.format(first=day(value.first, language), last=day(value.last, language))
        said = ", ".join(part for part in (some, span) if part) or label("any_day", language)
    half = label(value.half, language) if value.half else ""
    time = label("around", language).format(time=value.time) if value.time else ""
    return ", ".join(part for part in (said, time or half) if part)


def windows(values: List[Dict[str, Any]], language: str) -> str:
    """Returns all windows of a request in words."""
    return " / ".join(window(Window.from_json(value), language) for value in values)


def lines(data: Mapping[str, Any], language: str) -> List[Tuple[str, str]]:
    """Returns what is known of a request as pairs of a label and its value."""
    found = []
    for name in ("name", "caller", "contact", "when", "reason", "known"):
        value = data.get(name)
        if not value:
            continue
        if name == "when":
            value = windows(value, language)
        elif value == CHAT:
            value = label("whatsapp_chat", language)
        elif name == "known":
            value = label(f"patient_{value}", language)
        found.append((label(name, language), str(value)))
    return found


def summary(data: Mapping[str, Any], language: str) -> str:
    """Returns the request as the patient checks it, one line a field."""
    return "\n".join(f"• {name}: {value}" for name, value in lines(data, language))
