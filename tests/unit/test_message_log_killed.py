"""The index is filled by a process that is killed again and again, while patients go on writing."""
import random
import signal
import subprocess
import sys
import time

import sqlalchemy as sa

from bot.settings import ROOT
from bot.store import messages
from bot.store.database import engine
from bot.store.message_log import MessageLog
from tests import events
from tests.events import turn

FILLS = '''
from bot.store import message_log
message_log._BATCH, log = 5, message_log.MessageLog()
print("on", flush=True)
while True:
    log.fill()
'''


def test_killed_at_any_point_it_goes_on_exactly_where_it_was():
    events.empty()
    random.seed(7)
    written, kills, seen = 0, 0, set()
    while kills < 6:
        with subprocess.Popen([sys.executable, "-c", FILLS], cwd=ROOT, stdout=subprocess.PIPE) as filling:
            try:
                filling.stdout.readline()
                for _ in range(40):
                    turn(f"web-{written % 11}", f"question {written}", "nlu_fallback" if written % 9 == 0 else "faq_risks")
                    written += 1
                time.sleep(random.random() / 5)
            finally:
                filling.send_signal(signal.SIGKILL)
        kills += 1
        seen.add(len(texts()))
        assert all(texts().count(text) == 1 for text in texts())
    assert len(seen) > 2, "the process was killed before it did anything"
    log = MessageLog()
    while log.fill():
        pass
    assert sorted(texts()) == sorted(f"question {number}" for number in range(written))
    assert sum(row["count"] for row in messages.listed(limit=100)) == written
    assert {row["count"] for row in messages.listed(words="question", limit=100)} <= {written // 11, written // 11 + 1}
    with engine().connect() as connection:  # the search holds each once, and nothing else
        found = connection.execute(sa.text("SELECT count(*) FROM messages_search WHERE messages_search MATCH 'question'"))
        assert found.scalar() == written
        connection.execute(sa.text("INSERT INTO messages_search (messages_search) VALUES ('integrity-check')"))
    events.empty()


def texts():
    with engine().connect() as connection:
        return list(connection.execute(sa.text("SELECT text FROM messages")).scalars())
