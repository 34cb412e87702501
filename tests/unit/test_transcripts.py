"""What staff read of a conversation: everything once, whoever kept it."""
import time

import pytest

from bot.store import handovers, messages, statistics, threads, transcripts
from bot.store.message_log import MessageLog
from bot.store.statistics import Span
from tests import events
from tests.events import turn


@pytest.fixture(autouse=True)
def _empty():
    events.empty()
    threads.forget("web-1")


def said(sender, text, says):
    threads.add("web-1", {"from": sender, "text": text, "says": says})


def test_what_is_written_to_a_person_is_read_once_and_counted():
    turn("web-1", "hello", "greet", at=time.time() - 60, buttons=[("The risks", "/faq_risks")])
    handovers.ask("web-1", "en", {}, ())
    handovers.take("web-1", "ines")
    now = time.time()
    for text, says, intent, flag in [
        ("is it dangerous?", "is it dangerous?", "faq_risks", None),
        ("The risks", '/faq_risks{"language": "en"}', "faq_risks", None),
        ("my legs are numb", "my legs are numb", "emergency", "legs"),
    ]:
        said("patient", text, says)
        turn("web-1", says, intent, "action_listen", at=now, red_flag=flag)
    said("patient", "is anybody there?", "is anybody there?")  # Rasa could not log it
    handovers.reply("web-1", "ines", "Good morning")
    handovers.give_back("web-1", "the assistant is back")
    wrote = [line.text for line in transcripts.read("web-1") if line.who == "patient"]
    assert sorted(wrote) == sorted(["hello", "is it dangerous?", "The risks", "my legs are numb", "is anybody there?"])
    assert [line.text for line in transcripts.read("web-1") if line.who == "staff"] == ["Good morning"]
    MessageLog().fill()
    assert messages.listed(words="dangerous") and messages.conversation("web-1")["emergency"]
    statistics.refresh()
    today = statistics.days.day(now)
    assert statistics.totals(Span(today, today))["answered"] == 0  # by the assistant
