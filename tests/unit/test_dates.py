"""Days and times in people's own words: a table a language, read on one Wednesday."""

from datetime import date

import pytest

from bot import yaml_files
from bot.scheduling.dates import Window, read
from bot.scheduling.hours import check
from bot.scheduling.wording import labels, windows
from bot.settings import ROOT, load_clinic
from tests.conftest import LANGUAGES

TABLE = yaml_files.read(ROOT / "tests" / "fixtures" / "days.yml")
TODAY = date(2026, 11, 18)


def short(window):
    last = "…" if (window.last - TODAY).days >= 365 else f"{window.last:%d.%m.%y}"
    said = f"{window.first:%d.%m.%y}" + ("" if window.first == window.last else f"-{last}")
    days = "" if len(window.days) == 7 else " on " + "".join(map(str, sorted(window.days)))
    return said + days + "".join(f" {part}" for part in (window.half, window.time) if part)


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_language_has_a_table(code):
    assert len(TABLE[code]) >= 60


@pytest.mark.parametrize("code, text", [(code, text) for code in LANGUAGES for text in TABLE[code]])
def test_days_are_understood(code, text):
    assert "; ".join(map(short, read(text, code, TODAY)[0])) == TABLE[code][text]


@pytest.mark.parametrize("code", LANGUAGES)
def test_capitals_and_missing_accents_change_nothing(code):
    from bot.nlu.languages import fold

    for text, expected in TABLE[code].items():
        assert "; ".join(map(short, read(fold(text), code, TODAY)[0])) == expected, text
        if code != "tr":
            assert "; ".join(map(short, read(text.upper(), code, TODAY)[0])) == expected, text


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_language_of_the_conversation_is_only_a_hint(code):
    for other, text in (("en", "next Tuesday afternoon"), ("fr", "mardi en 8"), ("tr", "haftaya salı öğleden sonra")):
        assert "; ".join(map(short, read(text, code, TODAY)[0])) == TABLE[other][text]


@pytest.mark.parametrize(
    "text, problem", [("sunday", "closed"), ("friday or sunday", "closed"), ("tuesday", None), ("yesterday", "past")]
)
def test_closed_days_are_left_out(text, problem):
    kept, found = check(load_clinic(ROOT / "clinic.yml"), read(text, "en", TODAY)[0], TODAY)
    assert found == problem and len(kept) == ("friday" in text or "tuesday" in text)


@pytest.mark.parametrize(
    "code, text, words",
    [
        ("en", "24/11/2026 in the afternoon", "Tuesday 24 November, in the afternoon"),
        ("fr", "mardi 24 novembre 2026 à 15h", "mardi 24 novembre, vers 15:00"),
        ("tr", "24.11.2026 sabah", "24 Kasım Salı, öğleden önce"),
    ],
)
def test_what_was_understood_is_said_in_words(code, text, words):
    said = windows([window.as_json() for window in read(text, code, TODAY)[0]], code)
    assert said.replace(" 2026", "") == words


def test_windows_survive_storage():
    [window] = read("mornings, but not on Friday", "en", TODAY)[0]
    assert Window.from_json(window.as_json()) == window


def test_every_word_of_a_request_is_there_in_every_language():
    for name, by_language in labels().items():
        assert set(by_language) == set(LANGUAGES) and all(by_language.values()), name
