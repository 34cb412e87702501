"""The pages' conversations: several servers on one database, a database that is away, a person who has the conversation."""
import asyncio
import json
import uuid

import pytest
import sqlalchemy as sa
from rasa.core.channels.channel import UserMessage

from bot.channels import conversations as pages
from bot.channels.conversations import Conversations
from bot.channels.sessions import Sessions
from bot.channels.turn import Collector, Turns
from bot.nlu.properties import WITH_A_PERSON
from bot.store import database, handovers, threads

SECRET = "k" * 32


class Tab:
    """What is sent to an open page."""

    def __init__(self):
        self.events = []

    async def send(self, data):
        message = json.loads(data)
        if message["type"] == "event":
            self.events.append(message["event"])

    def said(self, sender="assistant"):
        return [event["text"] for event in self.events if event["from"] == sender]


class Dialogue:
    """Answers each message with its own words when it is told to go on."""

    def __init__(self):
        self.heard, self.go_on = [], asyncio.Event()

    async def __call__(self, message):
        self.heard.append(message.text)
        await self.go_on.wait()
        if not message.metadata.get(WITH_A_PERSON):
            await message.output_channel.send_response(message.sender_id, {"text": f"answer to {message.text}"})


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(pages, "_POLL", 0.02)


@pytest.fixture
def conversation():
    return f"web-{uuid.uuid4().hex}"


def server():
    return Conversations("web", Sessions(SECRET), Turns())


def words(text="hello", number="1"):
    return {"text": text, "button": None, "id": number, "language": "en"}


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def scene(play):
    asyncio.run(asyncio.wait_for(play(), 30))


def away():
    raise sa.exc.OperationalError("SELECT", {}, Exception("away"))


def test_a_page_that_comes_back_to_another_server_in_mid_turn_gets_one_answer(conversation):
    async def play():
        one, two, tab, dialogue = server(), server(), Tab(), Dialogue()
        [greeting] = one.greet(conversation, "en")
        assert "server" not in greeting
        turn = asyncio.ensure_future(one.say(dialogue, conversation, words()))
        await until(lambda: dialogue.heard)
        two.join(conversation, tab)
        await two.make_good(dialogue, conversation)
        back = asyncio.ensure_future(two.make_good(dialogue, conversation, wait=True))
        await asyncio.sleep(0.1)
        dialogue.go_on.set()
        await asyncio.gather(turn, back)
        await until(tab.said)
        two.leave(conversation, tab)
        assert dialogue.heard == ["hello"] and tab.said() == ["answer to hello"]

    scene(play)


def test_what_a_server_that_died_left_unanswered_another_answers_after_a_while(conversation, monkeypatch):
    async def play():
        one, two, dialogue = server(), server(), Dialogue()
        one.greet(conversation, "en")
        turn = asyncio.ensure_future(one.say(dialogue, conversation, words()))
        await until(lambda: dialogue.heard)
        for task in one._tasks:
            task.cancel()
        await asyncio.gather(turn, return_exceptions=True)
        dialogue.go_on.set()
        await two.make_good(dialogue, conversation)
        assert dialogue.heard == ["hello"]  # it may be alive
        monkeypatch.setattr(pages, "_TURN", -1.0)
        await two.make_good(dialogue, conversation, wait=True)
        assert [e["text"] for e in two.since(conversation, 0)][1:] == ["hello", "answer to hello"]

    scene(play)


def test_that_nothing_is_said_while_a_person_has_the_conversation_is_not_made_good(conversation):
    async def play():
        one, dialogue = server(), Dialogue()
        dialogue.go_on.set()
        one.greet(conversation, "en")
        handovers.ask(conversation, "en", {}, ())
        handovers.take(conversation, "ines")
        assert await one.say(dialogue, conversation, words("are you there?")) == []
        await one.make_good(dialogue, conversation)
        assert dialogue.heard == ["are you there?"]
        assert [e["text"] for e in one.since(conversation, 0)][1:] == ["are you there?"]

    scene(play)


def test_a_page_joins_while_the_database_is_away_and_hears_the_staff_when_it_is_back(conversation, monkeypatch):
    async def play():
        one, tab = server(), Tab()
        with monkeypatch.context() as patched:
            patched.setattr(threads, "engine", away)
            one.join(conversation, tab)
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)
        handovers.say(conversation, "Good morning", "en", sender="staff", kind="staff")
        await until(lambda: tab.said("staff"))
        await asyncio.sleep(0.1)
        one.leave(conversation, tab)
        assert tab.said("staff") == ["Good morning"]

    scene(play)


def test_each_look_for_what_staff_wrote_begins_where_the_last_one_ended(conversation):
    read = []

    async def play():
        one, tab = server(), Tab()
        one.join(conversation, tab)
        await asyncio.sleep(0.05)
        for _ in range(pages._LATE + 10):
            one.greet(conversation, "en")
        await asyncio.sleep(0.05)
        sa.event.listen(threads.engine(), "before_cursor_execute", note)
        await asyncio.sleep(0.05)
        sa.event.remove(threads.engine(), "before_cursor_execute", note)
        one.leave(conversation, tab)

    def note(_, __, statement, parameters, *___):
        if " IN " in statement:
            read.append(parameters[-1])

    scene(play)
    assert read and set(read) == {threads.last() - pages._LATE}


def test_what_cannot_be_stored_is_shown_and_has_no_number(conversation, monkeypatch, clinic):
    async def play():
        one, tab, dialogue = server(), Tab(), Dialogue()
        dialogue.go_on.set()
        one.join(conversation, tab)
        with monkeypatch.context() as patched:
            patched.setattr(database, "_ready", away)
            await one.say(dialogue, conversation, words("I can't feel my legs any more"))
        one.leave(conversation, tab)
        patient, answer = tab.events
        assert patient["id"] == "1" and answer["kind"] == "emergency" and dialogue.heard == []
        assert patient["seq"] is answer["seq"] is None

    scene(play)


@pytest.mark.parametrize("failure", [OSError("disk full"), sa.exc.OperationalError("DELETE", {}, Exception("away"))])
def test_an_erasure_that_fails_is_said(failure, monkeypatch, conversation):
    from bot.store import proposals

    async def erased(message):
        metadata = {"kind": "erased", "language": "en"}
        await message.output_channel.send_response("", {"text": "all gone: {receipt}", "metadata": metadata})

    def fail(_):
        raise failure

    monkeypatch.setattr(proposals, "of", fail)
    message = UserMessage("yes", Collector("web"), conversation, metadata={})
    [answer] = asyncio.run(Turns().run(erased, message, message.output_channel))
    assert "gone" not in answer["text"] and "sorry" in answer["text"]
