"""The console's own words: English in code and templates, other languages in locale/<code>.po, read at the start."""
from __future__ import annotations

import gettext
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Optional

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_percent
from babel.units import format_unit

from bot.nlu.languages import LANGUAGES
from bot.redaction import HIDDEN
from bot.settings import settings
from bot.store import days

LOCALE = Path(__file__).resolve().parent / "locale"


@lru_cache(maxsize=None)
def translations(code: str) -> gettext.NullTranslations:
    """Returns the words in the language `code`; English where there is no file."""
    path = LOCALE / f"{code}.po"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def chosen(wish: Optional[str], accepted: str) -> str:
    """Returns the language of a page: what the member of staff chose, else what the browser asks for, else the clinic's."""
    codes = [part.split(";")[0].strip()[:2].lower() for part in accepted.split(",")]
    return next((code for code in [wish, *codes] if code in LANGUAGES), settings().clinic.default_language)


def hidden(text: str, code: str) -> str:
    """Returns a redacted `text` with ⟨name⟩ and the like in the language of its reader."""
    kinds = {
        "name": _("name"),
        "phone": _("telephone"),
        "email": _("e-mail"),
        "number": _("number"),
        "account": _("account"),
        "date": _("date"),
        "address": _("address"),
        "reference": _("reference"),
        "link": _("link"),
    }
    words = translations(code)
    return HIDDEN.sub(lambda found: f"⟨{words.gettext(kinds.get(found[1], found[1]))}⟩", text)


def _(words: str) -> str:
    """Marks `words` for translation; what shows them translates them."""
    return words


def moment(seconds: Optional[float], code: str) -> str:
    """Returns the time `seconds` since 1970 as people read it, on the clinic's clock; "" for None."""
    if seconds is None:
        return ""
    there = datetime.fromtimestamp(seconds, days.zone())
    return format_datetime(there, "d MMM y HH:mm", locale=code)


def percent(share: float, code: str) -> str:
    """Returns a share as people write it: 80%, in French 80 %, in Turkish %80."""
    return str(format_percent(round(share, 2), locale=code))


def span(seconds: Optional[float], code: str) -> str:
    """Returns a time as minutes and seconds, or hours and minutes; "–" for None."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    parts = [(minutes, "minute"), (rest, "second")] if minutes < 60 else [(minutes // 60, "hour"), (minutes % 60, "minute")]
    return " ".join(str(format_unit(number, f"duration-{unit}", "short", locale=code)) for number, unit in parts)


def day(which: date, code: str) -> str:
    """Returns a day as people read it."""
    return str(format_date(which, "d MMM y", locale=code))
