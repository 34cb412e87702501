"""The website's channel as a page uses it: sockets, replay, several tabs, strangers, forgetting."""
import asyncio
import gzip
import uuid

import httpx
import pytest
import sqlalchemy as sa

from bot.answers import spoken
from bot.channels.sessions import Sessions
from bot.cli.server import address
from bot.settings import settings
from tests.http.page import QUESTION, Page, session


def scene(play):
    asyncio.run(play())


def test_a_page_is_greeted_answered_and_every_event_is_numbered(assistant):
    async def play():
        async with Page(language="fr") as page:
            assert page.ready["type"] == "ready" and page.ready["fresh"]
            greeting = await page.event()
            assert greeting["from"] == "assistant" and greeting["language"] == "fr"
            sent = await page.say("Combien de temps dure l'opération ?", language="fr")
            echo = await page.event()
            assert echo["from"] == "patient" and echo["id"] == sent
            answer = await page.event()
            assert answer["topic"] == "faq_duration" and answer["language"] == "fr"
            assert greeting["seq"] < echo["seq"] < answer["seq"]
            assert answer["sources"] and all(answer["actions"].values())
            await page.say(None, button=answer["actions"]["simpler"], language="fr")
            assert (await page.event())["text"] == "Plus simplement"
            assert (await page.event())["topic"] == "faq_duration"

    scene(play)


def test_the_buttons_below_an_answer_are_about_that_answer(assistant, catalogue):
    token = session()["session"]

    def say(**what):
        body = {"session": token, "language": "en", "id": uuid.uuid4().hex, **what}
        return httpx.post(f"{address()}/webhooks/web/message", json=body).json()["messages"]

    [first], [last] = say(text=QUESTION), say(text="What are the risks?")
    assert (first["topic"], last["topic"]) == ("faq_duration", "faq_risks")
    assert say(button=first["actions"]["simpler"])[0]["text"] == spoken(catalogue.answers["faq_duration"].simple["en"])
    say(button=first["actions"]["down"])
    rows = sa.create_engine(settings().database_url).execute(
        sa.text("SELECT answer, helpful FROM feedback WHERE conversation = :c"),
        {"c": Sessions(settings().secret).conversation(token)},
    )
    assert [tuple(row) for row in rows] == [("utter_faq_duration", False)]
    verdicts = {event["seq"]: event.get("verdict") for event in session(session=token)["events"]}
    assert verdicts[first["seq"]] == "down" and verdicts[last["seq"]] is None


def test_a_message_sent_twice_is_answered_once(assistant):
    async def play():
        async with Page() as page:
            await page.event()
            sent = await page.say()
            first, _ = await page.event(), await page.event()
            await page.say(id=sent)
            assert (await page.event()) == first
            await page.silent()

    scene(play)


def test_what_was_missed_comes_once_and_in_order(assistant):
    async def play():
        async with Page() as page:
            token, greeting = page.ready["session"], await page.event()
            await page.say()
            echo = await page.event()
        async with Page(token, greeting["seq"]) as page:  # closed before the answer came
            assert not page.ready["fresh"] and await page.event() == echo
            answer = await page.event()
            assert answer["topic"] == "faq_duration"
        async with Page(token, answer["seq"]) as page:
            await page.silent()

    scene(play)


def test_two_tabs_show_one_conversation(assistant):
    async def play():
        async with Page() as one:
            greeting = await one.event()
            async with Page(one.ready["session"], greeting["seq"]) as two:
                await one.say()
                assert [await one.event(), await one.event()] == [await two.event(), await two.event()]

    scene(play)


@pytest.mark.parametrize("button", ["/restart", "/erase_my_data", "anything~signed", ""])
def test_only_what_was_offered_counts_as_a_button(assistant, button):
    body = {"session": session()["session"], "button": button, "id": "1"}
    answer = httpx.post(f"{address()}/webhooks/web/message", json=body)
    assert answer.status_code == 400 and answer.json()["code"] == "bad"


def test_a_person_can_be_asked_for_without_an_offer(assistant, clinic):
    body = {"session": session()["session"], "button": "talk_to_human", "id": "1", "after": 0}
    said = httpx.post(f"{address()}/webhooks/web/message", json=body).json()
    assert clinic.phone in said["messages"][0]["text"]
    assert said["events"][-2]["text"] == "Talk to a person"


def test_a_page_of_another_origin_must_be_listed(assistant, clinic):
    url = f"{address()}/webhooks/web/config"
    listed = httpx.get(url, headers={"Origin": clinic.websites[-1]})
    assert listed.status_code == 200 and listed.headers["access-control-allow-origin"] == clinic.websites[-1]
    stranger = httpx.get(url, headers={"Origin": "https://elsewhere.example"})
    assert stranger.status_code == 403 and "access-control-allow-origin" not in stranger.headers
    for path in ("session", "message", "events", "forget"):  # what a browser asks before it sends JSON elsewhere
        url = f"{address()}/webhooks/web/{path}"
        asked = httpx.options(url, headers={"Origin": clinic.websites[-1], "Access-Control-Request-Method": "POST"})
        assert asked.headers["access-control-allow-origin"] == clinic.websites[-1]
        assert "Content-Type" in asked.headers["access-control-allow-headers"]
        asked = httpx.options(url, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"})
        assert "access-control-allow-origin" not in asked.headers

    async def play():
        async with Page(origin="https://elsewhere.example") as page:
            assert page.ready == {**page.ready, "type": "error", "code": "origin"}
        async with Page(origin=clinic.websites[-1]) as page:
            assert page.ready["type"] == "ready"

    scene(play)


def test_a_flood_from_a_page_is_slowed_down(assistant, clinic):
    async def play():
        async with Page(origin=clinic.websites[-1]) as page:
            for _ in range(25):
                await page.say("thanks")
            error = await page.next("error")
            assert error["code"] == "too_fast"

    scene(play)


@pytest.mark.parametrize("path", ["session", "forget", "message"])
def test_whoever_begins_conversation_after_conversation_is_slowed_down(assistant, path):
    """The address that counts is the one that the proxy on this machine added, in the last of all such lines."""
    answers = []
    with httpx.Client(base_url=f"{address()}/webhooks/web/", timeout=60) as http:
        for number in range(300):
            headers = [("X-Forwarded-For", f"10.0.0.{number}"), ("X-Forwarded-For", f"10.1.1.{number}, {path}")]
            answers.append(http.post(path, json={"button": "none"}, headers=headers))
            if answers[-1].status_code == 429:
                break
    assert answers[-1].status_code == 429 and answers[-1].json()["code"] == "too_fast" and len(answers) > 100


def test_a_page_in_a_language_that_is_not_served_is_answered_in_the_clinics(assistant, clinic):
    async def play():
        async with Page(language="a-page-that-means-ill") as page:
            assert (await page.event())["language"] == clinic.default_language
            await page.say("1", language="xx")
            assert (await page.event())["language"] is None
            assert (await page.event())["language"] == clinic.default_language

    scene(play)


ODD = {
    "a deep pile of brackets": b'{"a":' + b"[" * 100_000,
    "half a letter in the session": rb'{"session": "\ud800", "text": "thanks"}',
    "half a letter in the id": rb'{"id": "\ud800", "text": "thanks"}',
    "nothing in the id": rb'{"id": "\u0000", "text": "thanks"}',
    "half a letter in the button": rb'{"button": "\ud800"}',
    "half a letter in the language": rb'{"text": "thanks", "language": "\ud800"}',
    "half a letter in the text": rb'{"text": "thanks \ud800"}',
    "endless": b'{"text": "thanks", "after": Infinity}',
    "no number": b'{"text": "thanks", "after": NaN}',
    "too far": b'{"text": "thanks", "after": 99999999999999999999999999}',
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
@pytest.mark.parametrize("path", ["session", "message", "forget"])
def test_odd_requests_are_refused_or_answered_but_never_fail(assistant, path, body):
    answer = httpx.post(f"{address()}/webhooks/web/{path}", content=body, timeout=60)
    assert answer.status_code in (200, 400), answer.text
    assert answer.json()


def test_odd_headers_are_refused(assistant):
    for headers in ({"Origin": "http://["}, {"Origin": b"http://\xff\xfe"}, {"Authorization": b"Bearer \xff\xfe"}):
        answer = httpx.get(f"{address()}/webhooks/web/events?after=\u00b2", headers=headers)
        assert answer.status_code in (401, 403), answer.text


def test_forgetting_leaves_nothing_of_the_conversation(assistant):
    token = session()["session"]
    conversation = Sessions(settings().secret).conversation(token)
    httpx.post(f"{address()}/webhooks/web/message", json={"session": token, "text": QUESTION, "id": "1"})
    engine = sa.create_engine(settings().database_url)
    tables = {"events": "sender_id", "thread_events": "conversation"}
    count = "SELECT COUNT(*) FROM {} WHERE {} = :c"
    assert all(engine.execute(sa.text(count.format(*t)), {"c": conversation}).scalar() for t in tables.items())
    fresh = httpx.post(f"{address()}/webhooks/web/forget", json={"session": token}).json()["session"]
    assert fresh != token
    assert not any(engine.execute(sa.text(count.format(*t)), {"c": conversation}).scalar() for t in tables.items())


def test_the_widget_and_its_demo_page_are_served(assistant):
    page = httpx.get(f"{address()}/webhooks/web/widget/demo.html")
    assert page.status_code == 200 and "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    script = httpx.get(f"{address()}/webhooks/web/widget/widget.js")
    assert "javascript" in script.headers["content-type"] and "clinic-assistant" in script.text
    assert len(gzip.compress(script.content)) < 25_000


def test_every_label_of_the_widget_is_there_in_every_language(assistant):
    labels = httpx.get(f"{address()}/webhooks/web/config").json()["labels"]
    assert set(labels["en"]) == set(labels["fr"]) == set(labels["tr"])
    assert all(text.strip() for texts in labels.values() for text in texts.values())
