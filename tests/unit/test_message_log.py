"""The index holds every message once, whatever happens while it is filled, and nothing of what was forgotten."""
import threading
import time

import pytest
import sqlalchemy as sa

from bot.store import erasure, message_log, messages, review
from bot.store.database import engine
from bot.store.message_log import MessageLog
from tests import events
from tests.events import turn
from tests.postgres import Postgres
from tests.unit.databases import use


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('log') / 'test.db'}"
    else:
        server = Postgres()
        yield server.url
        server.close()


@pytest.fixture(autouse=True)
def _empty(url, monkeypatch):
    made = use(url, monkeypatch)
    events.empty()
    yield
    made.dispose()



def fill():
    log = MessageLog()
    while log.fill():
        pass


def texts(conversation="web-1"):
    return [row["text"] for row in messages.of(conversation)]


def test_what_was_understood_is_kept():
    turn("web-1", "is it dangerous?", ranking=[["faq_risks", 0.7], ["faq_nerve_damage", 0.2]], sure=0.7)
    fill()
    (row,) = messages.of("web-1")
    assert (row["intent"], row["confidence"], row["channel"], row["language"]) == ("faq_risks", 0.7, "web", "en")
    assert row["ranking"] == [["faq_risks", 0.7], ["faq_nerve_damage", 0.2]] and row["answers"] == ["utter_faq_risks"]
    assert not any(row[kind] for kind in messages.KINDS)
    assert messages.conversation("web-1")["count"] == 1


def test_a_language_that_nobody_knows_keeps_nothing_out_of_the_index():
    turn("web-1", "is it dangerous?", language="a-page-that-means-ill")
    fill()
    (row,) = messages.of("web-1")
    assert row["language"] is None and row["text"] == "is it dangerous?"


@pytest.mark.parametrize(
    "kind, intent, more",
    [
        ("unsure", "nlu_fallback", {}),
        ("uncovered", "uncovered_medical_question", {}),
        ("refused", "out_of_scope", {}),
        ("near_miss", "faq_risks", {"ranking": [["faq_risks", 0.6], ["emergency", 0.2]]}),
        ("near_miss", "faq_risks", {"doubted": "lungs.blood"}),
    ],
)
def test_what_may_be_wrong_is_marked(kind, intent, more):
    turn("web-1", "words", intent, **more)
    turn("web-2", "My legs are numb", "emergency", ranking=[["emergency", 0.9]], red_flag="legs")
    fill()
    assert [name for name in messages.KINDS if messages.of("web-1")[0][name]] == [kind]
    assert not any(messages.of("web-2")[0][name] for name in messages.KINDS)
    assert messages.conversation("web-2")["emergency"] and not messages.conversation("web-1")["emergency"]


def test_what_is_given_for_a_request_is_no_missed_question():
    turn("web-1", "an appointment please", "request_appointment", "action_request_appointment", "request_form")
    for text, intent in [("Anna Peeters", "out_of_scope"), ("0470 12 34 56", "nlu_fallback"), ("Anna", "out_of_scope")]:
        turn("web-1", text, intent, "request_form")
    turn("web-1", "may I fly?", "uncovered_medical_question", "utter_uncovered_medical_question", "request_form")
    turn("web-1", "my arm tingles", "request_reason", "request_form", ranking=[["faq_risks", 0.6], ["emergency", 0.2]])
    turn("web-1", "my legs are numb", "emergency", "request_form", red_flag="legs")
    fill()
    rows = messages.of("web-1")
    detail = messages.DETAIL
    expected = ["request_appointment", detail, detail, detail, "uncovered_medical_question", detail, "emergency"]
    assert [row["intent"] for row in rows] == expected
    assert [row["missed"] for row in rows] == [False] * 4 + [True, True, False] and rows[5]["near_miss"]
    assert messages.conversation("web-1")["lowest"] == 0.9 and rows[1]["confidence"] is None


def test_a_verdict_is_noted_at_the_answer_it_is_about_also_later():
    turn("web-1", "is it dangerous?")
    turn("web-1", "how long does it take?", "faq_duration")
    fill()
    about = (("about", "utter_faq_risks"),)
    turn("web-1", "/feedback_negative", "feedback_negative", "utter_feedback_negative", entities=about)
    fill()
    turn("web-1", "and my hospital stay?", "faq_hospital_stay")
    fill()
    assert [row["down"] for row in messages.of("web-1")] == [True, False, False, False]
    assert messages.conversation("web-1")["down"]


def test_asked_again_and_what_was_meant():
    now = time.time()
    alike = [["faq_risks", 0.5], ["faq_nerve_damage", 0.3]]
    turn("web-1", "is it bad?", "nlu_fallback", "utter_ask_rephrase", at=now, ranking=alike)
    turn("web-1", "can it harm me?", at=now + 20, ranking=alike)
    offered = ["faq_risks", "faq_nerve_damage"]
    turn("web-2", "is it bad?", "nlu_fallback", "utter_did_you_mean", at=now, ranking=alike, options=offered)
    turn("web-2", '/faq_nerve_damage{"language": "en"}', "faq_nerve_damage", at=now + 20)
    turn("web-3", "is it bad?", at=now, ranking=alike)
    turn("web-3", "thanks", "thank", at=now + 20)
    turn("web-4", "is it bad?", at=now, ranking=alike)
    turn("web-4", "is it bad then?", at=now + 2_000, ranking=alike)
    fill()
    assert [messages.of(f"web-{n}")[0]["rephrased"] for n in (1, 2, 3, 4)] == [True, False, False, False]
    assert messages.of("web-2")[0]["meant"] == "faq_nerve_damage"


def test_a_button_that_was_not_offered_as_a_meaning_says_nothing_of_it():
    for number, intent in enumerate(("talk_to_human", "feedback_negative", "faq_balloon")):
        offered = ["faq_risks", "faq_nerve_damage"]
        turn(f"web-{number}", "is it bad?", "nlu_fallback", "utter_did_you_mean", options=offered)
        turn(f"web-{number}", f"/{intent}", intent)
    fill()
    assert [messages.of(f"web-{number}")[0]["meant"] for number in range(3)] == [None] * 3


def test_what_was_then_chosen_is_told_apart_from_what_was_not():
    for number in (1, 2):
        turn(f"web-{number}", "is it bad?", "nlu_fallback", "utter_did_you_mean", options=["faq_risks"])
    turn("web-1", "/faq_risks", "faq_risks")
    fill()
    assert [row["conversation"] for row in review.missed("chosen")] == ["web-1"]
    assert [row["conversation"] for row in review.missed("unsure")] == ["web-2"]
    assert [review.kinds_of(messages.of(f"web-{number}")[0]) for number in (1, 2)] == [["chosen"], ["unsure"]]
    counts = review.missed_counts()
    assert (counts["all"], counts["chosen"], counts["unsure"]) == (2, 1, 1)


def test_weeks_are_counted_whatever_the_number():
    now = time.time()
    for number, days in enumerate((0, 1, 8, 9, 10, 15)):
        turn(f"web-{number}", "mmh", "nlu_fallback", at=now - days * 86_400)
    fill()
    assert review.weeks() == review.weeks("unsure") == (2, 3) and review.weeks("chosen") == (0, 0)


def test_who_somebody_is_stays_out_of_it():
    turn("web-1", "My name is Mary Jones, call 0470 12 34 56 or mary@jones.example")
    turn("web-2", "Odette Martin", "nlu_fallback", slots=[("request_name", "Odette Martin")])
    turn("web-2", "tell odette it is fine")
    fill()
    said = " ".join([*texts("web-1"), *texts("web-2")])
    assert not any(word in said.lower() for word in ("mary", "0470", "jones", "odette", "martin"))
    assert "tell ⟨name⟩ it is fine" in said
    assert messages.listed(words="0470") == [] and messages.listed(words="odette") == []


def test_a_name_given_later_leaves_what_was_said_before():
    turn("web-1", "odette here, is it dangerous?")
    fill()
    assert len(messages.listed(words="odette")) == 1
    turn("web-1", "Odette Martin", slots=[("request_name", "Odette Martin")])
    fill()
    assert messages.listed(words="odette") == [] and len(messages.listed(words="dangerous")) == 1


def test_search_finds_beginnings_without_accents_and_takes_no_orders():
    turn("web-1", "Ameliyat sonrası İĞNE olacak mıyım?", language="tr")
    turn("web-2", "La vertébroplastie est-elle risquée ?", language="fr")
    fill()
    for words, found in [("igne", "web-1"), ("VERTEBRO", "web-2"), ("risquée vertébro", "web-2")]:
        assert [row["conversation"] for row in messages.listed(words=words)] == [found]
    for words in ('"', "risquee AND", "* OR -", "')--", "vertebro NEAR x", "!!!"):
        messages.listed(words=words)
    assert messages.listed(words="absent") == [] and len(messages.listed(language="tr")) == 1


def test_filled_in_steps_or_twice_it_is_the_same():
    for number in range(250):
        turn(f"web-{number % 7}", f"question {number}")
        if number % 50 == 0:
            fill()
    fill()
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE message_cursor SET event = 0"))
    fill()
    assert sum(len(texts(f"web-{n}")) for n in range(7)) == 250
    assert len(messages.listed(words="question", limit=100)) == 7
    with engine().connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM messages")).scalar() == 250


def test_stopped_at_any_point_it_goes_on_where_it_was(monkeypatch):
    for number in range(30):
        turn(f"web-{number % 3}", f"question {number}")
    monkeypatch.setattr(message_log, "_BATCH", 7)
    for failing in range(40):
        calls = iter(range(1_000))

        def stop(*_, failing=failing, calls=calls):
            if next(calls) == failing:
                raise KeyboardInterrupt

        sa.event.listen(engine(), "before_cursor_execute", stop)
        try:
            fill()
        except KeyboardInterrupt:
            pass
        finally:
            sa.event.remove(engine(), "before_cursor_execute", stop)
    fill()
    assert sorted(text for n in range(3) for text in texts(f"web-{n}")) == sorted(f"question {n}" for n in range(30))


def test_several_at_once_store_nothing_twice():
    for number in range(300):
        turn(f"web-{number % 30}", f"question {number}")
    threads = [threading.Thread(target=fill) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(texts(f"web-{n}")) for n in range(30)) == 300


def test_a_lower_number_that_appears_late_is_read_all_the_same():
    """PostgreSQL gives the second turn lower numbers here; SQLite never does."""
    log = MessageLog()
    turn("web-1", "first")
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE events SET id = id + 100"))
    assert log.fill() == 1 and log.fill() == 0
    turn("web-1", "second")
    assert log.fill() == 1 and log.fill() == 0
    assert sorted(texts()) == ["first", "second"]


def test_what_was_forgotten_does_not_come_back():
    turn("web-1", "my secret")
    turn("web-2", "another")
    fill()
    erasure.erase("web-1")
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE message_cursor SET event = 0"))
    fill()
    assert texts("web-1") == [] and messages.conversation("web-1") is None and messages.listed(words="secret") == []
    assert texts("web-2") == ["another"]


def test_what_comes_after_something_was_forgotten_is_read():
    turn("web-1", "first")
    turn("web-2", "my secret")
    fill()
    erasure.erase("web-2")
    turn("web-3", "third")  # SQLite gives it the number of the secret
    fill()
    assert texts("web-3") == ["third"] and texts("web-2") == []


def test_forgotten_while_it_is_read(monkeypatch):
    turn("web-1", "my secret")
    real = messages.position

    def forgotten_just_now(connection):
        held = real(connection)
        connection.execute(sa.text("DELETE FROM events"))
        return held

    monkeypatch.setattr(messages, "position", forgotten_just_now)
    MessageLog().fill()
    assert texts() == []


def test_old_messages_go():
    turn("web-1", "long ago", at=time.time() - 10 * 86_400)
    turn("web-2", "today")
    fill()
    messages.forget_older_than(5)
    assert texts("web-1") == [] and messages.conversation("web-1") is None and texts("web-2") == ["today"]
    assert messages.listed(words="long") == []


def test_a_conversation_is_what_is_left_of_it():
    turn("web-1", "my legs are numb", "emergency", red_flag="legs", at=time.time() - 10 * 86_400)
    turn("web-1", "is it dangerous?")
    fill()
    messages.forget_older_than(5)
    kept = messages.conversation("web-1")
    assert (kept["preview"], kept["count"], kept["emergency"]) == ("is it dangerous?", 1, False)
    assert kept["first_at"] == messages.of("web-1")[0]["at"]


def test_what_was_not_seen_yet_is_read_though_something_else_is_forgotten():
    """PostgreSQL shows the lower number late: until then the cursor stays before it, whoever is erased meanwhile."""
    turn("web-1", "first")
    fill()
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE message_cursor SET event = 0"))
    erasure.erase("web-2")
    messages.forget_older_than(5)
    assert messages.reached() == 0
