"""Bars stand for what was counted; a form of an answer loses nothing it does not show."""
from datetime import date, timedelta

import pytest

from bot import answer_files
from bot.answers import Answer
from bot.console import answer_form, charts

FIRST = date(2026, 1, 1)


def rows(number):
    return [{"day": (FIRST + timedelta(days=n)).isoformat(), "good": n % 5, "bad": 1} for n in range(number)]


@pytest.mark.parametrize("number, bars", [(1, 1), (30, 30), (62, 62), (63, 9), (420, 60), (3660, 131)])
def test_bars_hold_every_day_once(number, bars):
    chart = charts.stacked(rows(number), ("good", "bad"), FIRST, FIRST + timedelta(days=number - 1), [(FIRST, "new")])
    assert len(chart.bars) == bars and sum(bar.total for bar in chart.bars) == sum(n % 5 + 1 for n in range(number))
    assert chart.bars[0].first == FIRST and chart.bars[-1].last == FIRST + timedelta(days=number - 1)
    assert all(a.last + timedelta(days=1) == b.first for a, b in zip(chart.bars, chart.bars[1:]))
    top = chart.lines[-1][1]
    assert all(bar.total <= top and bar.x + bar.width <= charts.WIDTH for bar in chart.bars) and len(chart.marks) == 1
    assert all(y >= 0 and height >= 0 for bar in chart.bars for _, y, height in bar.parts)


def test_no_bars_where_nothing_was_counted():
    chart = charts.stacked([], ("good",), FIRST, FIRST, [(FIRST - timedelta(days=1), "before")])
    assert chart.bars[0].total == 0 and chart.marks == () and charts.share(0, 0) is None
    assert [charts.nice(n) for n in (0, 2, 3, 5, 7, 41, 100, 101)] == [2, 2, 4, 6, 10, 60, 100, 200]


def test_a_language_that_is_switched_off_keeps_what_it_says(catalogue):
    old = answer_files.of(catalogue.answers["faq_risks"])
    entry = answer_form.read({"simple-en": "Ask your doctor. [-]"}, old, ("en", "fr"), ["D2", "D4"])
    assert entry["full"] == old["full"] and entry["simple"]["tr"] == old["simple"]["tr"] and entry["facts"] == old["facts"]
    assert Answer.read("faq_risks", entry).simple["en"] == "Ask your doctor. [-]\n"
