"""How long the pictures of the dashboard take over a million messages: `python -m benchmarks.dashboard [messages]`."""
from __future__ import annotations

import sys
import time
from datetime import timedelta

from benchmarks.console import fill  # first: it gives the benchmark a state folder of its own
from bot.console import charts
from bot.store import days, statistics


def main() -> None:
    """Prints how long the first count took, and the slowest of five runs of what the page asks."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    fill(count)
    begun = time.monotonic()
    counted = statistics.refresh()
    print(f"{counted} days with {count} messages counted for the first time in {time.monotonic() - begun:.1f} s")
    today = days.day(time.time())
    spans = {
        "a month": statistics.Span(today - timedelta(days=29), today),
        "three years": statistics.Span(today - timedelta(days=3 * 365), today),
    }
    for words, span in spans.items():
        for name, ask in {
            "pictures": lambda span=span: _pictures(span),
            "messages behind a bar": lambda span=span: statistics.listed(span, outcome="unsure", limit=51),
            "of a rare topic": lambda span=span: statistics.listed(span, topic="faq_cement", limit=51),
        }.items():
            times = []
            for _ in range(5):
                begun = time.monotonic()
                ask()
                times.append(time.monotonic() - begun)
            print(f"{words:12} {name:24} {1000 * max(times):6.0f} ms")


def _pictures(span: statistics.Span) -> None:
    """Asks everything the page does, one changed day included."""
    with statistics.engine().begin() as connection:
        days.mark(connection, [time.time() - 86_400])
    statistics.refresh()
    statistics.totals(span)
    statistics.handovers(span)
    charts.stacked(statistics.by_day(span), statistics.OUTCOMES, span.first, span.last, ())
    for column in ("language", "channel", "topic"):
        statistics.by(column, span)


if __name__ == "__main__":
    main()
