"""Nobody reads or speaks in another's conversation, whatever token they send; and a conversation ends by itself."""
import asyncio
import base64
import json
import time
import uuid

import httpx
import pytest
import sqlalchemy as sa
import websockets
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from bot.channels.sessions import Sessions
from bot.cli.server import address
from bot.settings import settings
from tests.http.page import QUESTION, Page, conversation, let_pass, session

SECRET_WORD = "pomegranate"  # what the victim wrote, and no stranger may read


class _OldSigner(TimestampSigner):
    def get_timestamp(self):
        return int(time.time()) - 31 * 86_400


def signed(value, *, secret=None, salt="session", signer=TimestampSigner):
    return URLSafeTimedSerializer(secret or settings().secret, salt=salt, signer=signer).dumps(value)


def message(**body):
    return httpx.post(f"{address()}/webhooks/web/message", json={"language": "en", "id": uuid.uuid4().hex, **body})


def payload(token):
    return token.split(".")[0]


# How a thief who knows the victim's conversation id, but not the server's key, might make a token.
FORGERIES = {
    "the bare id": lambda victim, thief: conversation(victim),
    "unsigned": lambda victim, thief: payload(victim),
    "an empty signature": lambda victim, thief: victim.rsplit(".", 1)[0] + ".",
    "a changed signature": lambda victim, thief: victim[:-3] + ("AAA" if victim[-3:] != "AAA" else "BBB"),
    "the thief's signature under the victim's id": lambda victim, thief: payload(victim) + thief[len(payload(thief)) :],
    "the victim's signature under another id": lambda victim, thief: payload(thief) + victim[len(payload(victim)) :],
    "another key": lambda victim, thief: signed(conversation(victim), secret="z" * 32),
    "a signature made for a button": lambda victim, thief: Sessions(settings().secret).offer(conversation(victim), "/x"),
    "another salt": lambda victim, thief: signed(conversation(victim), salt="button"),
    "expired": lambda victim, thief: signed(conversation(victim), signer=_OldSigner),
    "no signature algorithm": lambda victim, thief: ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none"}, {"sub": conversation(victim)}, "")
    ),
    "a guess": lambda victim, thief: "web-" + "0" * 32,
    "nothing": lambda victim, thief: "",
    "a line of another kind": lambda victim, thief: "' OR 1=1 --\u0000\ud7ff",
}


@pytest.fixture(scope="module")
def victim(assistant):
    """A token in whose conversation something private was said."""
    token = session()["session"]
    message(session=token, text=f"{QUESTION} {SECRET_WORD}").raise_for_status()
    return token


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_opens_nothing_but_a_fresh_session(victim, forge):
    thief = session()["session"]
    token = forge(victim, thief)
    mine = (conversation(victim), conversation(thief))

    found = session(session=token)
    assert found["fresh"] and conversation(found["session"]) not in mine
    assert SECRET_WORD not in json.dumps(found)

    said = message(session=token, text="thanks", after=0).json()
    assert said["fresh"] and conversation(said["session"]) not in mine and SECRET_WORD not in json.dumps(said)

    if token.isascii():
        headers = {"Authorization": f"Bearer {token}".strip()}
        events = httpx.get(f"{address()}/webhooks/web/events?after=0", headers=headers)
        assert events.status_code == 401 and SECRET_WORD not in events.text

    httpx.post(f"{address()}/webhooks/web/forget", json={"session": token}).raise_for_status()

    async def play():
        async with Page(token) as page:
            assert page.ready["fresh"] and conversation(page.ready["session"]) not in mine
            assert SECRET_WORD not in json.dumps(await page.event())
            await page.silent(0.3)

    asyncio.run(play())
    kept = session(session=victim)
    assert not kept["fresh"] and SECRET_WORD in json.dumps(kept["events"]) and len(kept["events"]) == 3


def test_the_right_token_opens_the_conversation(victim):
    assert not session(session=victim)["fresh"]


def test_a_signed_id_of_another_channel_is_not_reached_by_guessing(victim):
    tokens = {session()["session"] for _ in range(20)}
    assert len({conversation(token) for token in tokens}) == 20
    assert all(len(conversation(token).removeprefix("web-")) == 32 for token in tokens)


def test_buttons_and_message_ids_of_another_conversation_are_worth_nothing(victim):
    answer = session(session=victim)["events"][-1]
    thief = session()["session"]
    for button in [answer["actions"]["simpler"], *(offer["button"] for offer in answer["buttons"])]:
        refused = message(session=thief, button=button)
        assert refused.status_code == 400 and refused.json()["code"] == "bad"
    ids = [event["id"] for event in session(session=victim)["events"] if event["id"]]
    replayed = message(session=thief, text=QUESTION, id=ids[0]).json()
    assert len(replayed["messages"]) == 1 and SECRET_WORD not in json.dumps(replayed)
    again = message(session=thief, text=QUESTION, id=ids[0]).json()
    assert again["messages"] == []


def test_a_socket_hears_only_its_own_conversation(victim):
    async def play():
        async with Page() as stranger:
            await stranger.event()
            async with Page(victim, after=10**9) as page:
                await page.say("thanks", session=stranger.ready["session"])  # the socket's session counts, not this
                await page.event()
                await page.event()
            await stranger.silent(0.5)

    asyncio.run(play())


def test_a_forgotten_session_is_over(assistant):
    token = session()["session"]
    message(session=token, text=QUESTION)
    httpx.post(f"{address()}/webhooks/web/forget", json={"session": token})
    assert session(session=token)["fresh"]
    assert message(session=token, text="thanks").json()["fresh"]


def test_messages_on_their_way_when_the_patient_forgets_are_forgotten_too(assistant):
    token = session()["session"]
    url, sent = f"{address()}/webhooks/web", {"session": token, "text": QUESTION, "language": "en"}

    async def play():
        async with httpx.AsyncClient(timeout=60) as http:
            first = [http.post(f"{url}/message", json={**sent, "id": f"a{n}"}) for n in range(3)]
            last = [http.post(f"{url}/message", json={**sent, "id": f"b{n}"}) for n in range(3)]
            await asyncio.gather(*first, http.post(f"{url}/forget", json=sent), *last)

    asyncio.run(play())
    assert rows(token) == 0


def test_after_long_silence_a_fresh_conversation_begins_and_the_old_one_is_not_shown(assistant, clinic):
    token = session()["session"]
    message(session=token, text=QUESTION)

    async def play():
        async with Page(token, after=10**9) as page:
            assert not page.ready["fresh"]
            let_pass(token, hours=clinic.new_conversation_after_hours + 1)
            await page.say("thanks")
            with pytest.raises(websockets.ConnectionClosed):  # the page comes back for a new session
                await page.next("event", 5)
        async with Page(token) as page:
            assert page.ready["fresh"] and conversation(page.ready["session"]) != conversation(token)
            assert (await page.event())["kind"] == "reply"
            await page.silent(0.3)

    asyncio.run(play())
    events = httpx.get(f"{address()}/webhooks/web/events", headers={"Authorization": f"Bearer {token}"})
    assert events.status_code == 401
    assert rows(token) == 3  # the retention of clinic.yml deletes it later
    httpx.post(f"{address()}/webhooks/web/forget", json={"session": token})
    assert rows(token) == 0


def test_a_conversation_that_goes_on_does_not_end(assistant, clinic):
    token = session()["session"]
    let_pass(token, hours=clinic.new_conversation_after_hours - 1)
    assert not session(session=token)["fresh"]


def rows(token):
    count = sa.text("SELECT COUNT(*) FROM thread_events WHERE conversation = :c")
    return sa.create_engine(settings().database_url).execute(count, {"c": conversation(token)}).scalar()
