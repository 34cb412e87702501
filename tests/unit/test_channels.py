"""Sessions cannot be made up, a patient's words are never a command, and silence is no answer."""
import asyncio

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage

from bot.channels.sessions import Sessions
from bot.channels.turn import Collector, Turns, clean
from bot.errors import SessionError

SECRET = "k" * 32


def test_a_session_is_ours_alone():
    sessions = Sessions(SECRET)
    token = sessions.issue()
    assert sessions.conversation(token) == Sessions(SECRET).conversation(token)
    assert token != sessions.issue()


# The last letter of a signature has bits that mean nothing, so the first is changed.
FORGERIES = [
    lambda t: t[: t.rindex(".") + 1] + ("A" if t[t.rindex(".") + 1] != "A" else "B") + t[t.rindex(".") + 2 :],
    lambda t: "x" + t,
    lambda t: "",
    lambda t: t.split(".")[0],
]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_changed_token_is_refused(forge):
    sessions = Sessions(SECRET)
    with pytest.raises(SessionError):
        sessions.conversation(forge(sessions.issue()))


def test_another_servers_token_is_refused():
    with pytest.raises(SessionError):
        Sessions(SECRET).conversation(Sessions("z" * 32).issue())


def test_a_button_counts_only_where_it_was_offered():
    sessions = Sessions(SECRET)
    button = sessions.offer("web-1", '/change_language{"language": "fr"}')
    assert sessions.pressed("web-1", button) == '/change_language{"language": "fr"}'
    for conversation, forged in (("web-2", button), ("web-1", "/restart"), ("web-1", button.replace("fr", "tr"))):
        with pytest.raises(SessionError):
            sessions.pressed(conversation, forged)


@given(st.text())
def test_cleaned_text_is_never_a_command_and_has_no_control_characters(text):
    cleaned = clean(text)
    assert not cleaned.lstrip().startswith("/")
    assert all(c in "\n\t" or ord(c) >= 32 for c in cleaned)
    assert clean(cleaned) == cleaned


@given(st.text(alphabet="abcçğıöşüàéèêœ '?.,", min_size=1).map(str.strip))
def test_ordinary_words_pass_unchanged(text):
    assert clean(text) == text


def run(message, handler):
    collector = Collector("web")
    return asyncio.run(Turns().run(handler, message, collector))


def test_while_the_database_is_away_nothing_is_begun_that_would_be_lost(monkeypatch, clinic):
    from bot.store import handovers

    def away():
        raise sa.exc.OperationalError("SELECT", {}, Exception("away"))

    async def turn(_):
        raise AssertionError("the dialogue must not run")

    monkeypatch.setattr(handovers, "engine", away)
    [answer] = run(UserMessage("Rose Martin", metadata={"language": "fr"}), turn)
    assert clinic.phone in answer["text"] and "désolé" in answer["text"]
    for words, code in [("je ne sens plus mes jambes", "fr"), ("idrarımı yapamıyorum", "tr")]:  # on a French page
        [answer] = run(UserMessage(words, metadata={"language": "fr"}), turn)
        assert (answer["metadata"]["kind"], answer["metadata"]["language"]) == ("emergency", code)


@pytest.mark.parametrize("code, word", [("en", "sorry"), ("fr", "désolé"), ("tr", "Üzgünüm")])
def test_a_failed_turn_apologises_with_phone_and_emergency_number(clinic, code, word):
    async def broken(_):
        raise RuntimeError("database away")

    [answer] = run(UserMessage("When can I get up?", metadata={"language": code}), broken)
    assert word in answer["text"] and clinic.phone in answer["text"] and clinic.emergency_number in answer["text"]


def test_a_failed_turn_still_recognises_an_emergency(clinic):
    async def broken(_):
        raise RuntimeError("model gone")

    [answer] = run(UserMessage("idrarımı yapamıyorum", metadata={"language": "tr"}), broken)
    assert answer["text"].startswith(f"Lütfen hemen {clinic.emergency_number}")
    assert answer["metadata"]["kind"] == "emergency"


def test_a_turn_without_a_word_is_not_left_in_silence():
    async def silent(_):
        return None

    assert run(UserMessage("hello", metadata={}), silent)[0]["text"]
