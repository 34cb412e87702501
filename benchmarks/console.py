"""How long the staff console's search takes in a million messages: `python -m benchmarks.console [messages]`."""
from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

_STATE = tempfile.TemporaryDirectory(prefix="console-benchmark-")
os.environ["ASSISTANT_STATE"] = _STATE.name

from bot.answers import Catalogue, spoken  # noqa: E402
from bot.nlu.languages import fold  # noqa: E402
from bot.settings import ANSWERS, settings  # noqa: E402
from bot.store import assignments, messages, review  # noqa: E402
from bot.store.database import engine  # noqa: E402

_TURNS = 8  # messages of a conversation


def fill(count: int) -> None:
    """Stores `count` messages made of the words of our answers, a tenth of them missed in some way."""
    random.seed(1)
    catalogue = Catalogue.load(ANSWERS, settings().clinic.languages)
    words = {
        code: " ".join(spoken(answer.full[code]) for answer in catalogue.answers.values()).split()
        for code in catalogue.languages
    }
    now, block = time.time(), []
    for number in range(1, count + 1):
        conversation, code = f"web-{number // _TURNS}", random.choice(catalogue.languages)
        text = " ".join(random.sample(words[code], 9))
        kind = random.choice(messages.KINDS) if random.random() < 0.1 else None
        row = {"id": number * 10, "conversation": conversation, "at": now - (count - number) * 10, "language": code}
        row.update(channel="web", text=text, words=fold(text), button=False, confidence=random.uniform(0.3, 1))
        row.update(intent=random.choice([*catalogue.answers, "request_appointment"]))
        row.update(ranking="[]", red_flag=None, answers="[]", meant=None, up=False)
        row.update({name: name == kind for name in messages.KINDS}, missed=kind is not None)
        block.append(row)
        if len(block) == 20_000 or number == count:
            with engine().begin() as connection:
                held = messages.position(connection)
                for start in range(0, len(block), 1_000):
                    messages.store(connection, block[start : start + 1_000], held)
            block = []


def main() -> None:
    """Prints the slowest of five runs of what the pages ask the database."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    started = time.monotonic()
    fill(count)
    size = sum(path.stat().st_size for path in Path(_STATE.name).glob("assistant.db*")) / 1e6
    print(f"{count} messages stored in {time.monotonic() - started:.0f} s, {size:.0f} MB")
    asked = {
        "latest conversations": lambda: messages.listed(),
        "a common word": lambda: messages.listed(words="the"),
        "a rare pair of words": lambda: messages.listed(words="ballon vertèbre"),
        "a beginning": lambda: messages.listed(words="ciment", language="fr"),
        "word, flag and dates": lambda: messages.listed(words="risk", flags=["down"], since=time.time() - 90 * 86_400),
        "topic, word and language": lambda: messages.listed(topic="faq_risks", words="risk", language="fr"),
        "topic understood unsurely": lambda: messages.listed(topic="faq_balloon", below=0.5),
        "appointment, older page": lambda: messages.listed(flags=["appointment"], before=time.time() - 5_000_000),
        "assigned to somebody": lambda: messages.listed(among=[assignments.having("ines")]),
        "a word nobody wrote": lambda: messages.listed(words="zeppelin"),
        "a flag, not reviewed": lambda: messages.listed(flags=["uncovered"], without=[review.all_reviewed()]),
        "missed, all": lambda: review.missed(limit=300),
        "missed, counted": review.missed_counts,
    }
    for name, ask in asked.items():
        times = []
        for _ in range(5):
            begun = time.monotonic()
            ask()
            times.append(time.monotonic() - begun)
        print(f"{name:24} {1000 * max(times):6.0f} ms")


if __name__ == "__main__":
    main()
