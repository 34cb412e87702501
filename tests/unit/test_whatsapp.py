"""WhatsApp's form: marks, limits, what a delivery holds, and who does what when several servers share the work."""
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import yaml_files
from bot.errors import SettingsError
from bot.settings import _whatsapp
from bot.store import leases
from bot.store import whatsapp_inbox as inbox
from bot.store.database import engine
from bot.whatsapp.client import operator_must_act, pause
from bot.whatsapp.format import split, whatsapp
from bot.whatsapp.identity import Directory, Identity, Vault
from bot.whatsapp.inbound import Message, Moved, Status, events
from bot.whatsapp.outbound import render
from bot.whatsapp.wording import PATH, Wording
from tests import graph as meta
from tests.conftest import LANGUAGES

VAULT = Vault("k" * 32)


@pytest.fixture(scope="module")
def wording(clinic):
    return Wording(clinic)


@pytest.mark.parametrize(
    "markdown, shown",
    [
        ("**Call** now", "*Call* now"),
        ("a *small* cut", "a _small_ cut"),
        ("# After\n- rest\n- walk", "*After*\n• rest\n• walk"),
        ("[our page](https://a.example/b_c)", "our page: https://a.example/b_c"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("~~no~~ and __yes__", "~no~ and *yes*"),
        ("2 * 3 * 4 and a_b_c", "2 * 3 * 4 and a_b_c"),
    ],
)
def test_marks(markdown, shown):
    assert whatsapp(markdown) == shown


def test_every_answer_is_shown_as_it_is_written(catalogue, clinic):
    for variations in catalogue.responses(clinic).values():
        for variation in variations:
            assert whatsapp(variation["text"]) == variation["text"].strip()


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_split_loses_nothing_but_space_and_keeps_the_limit(text, limit):
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_split_cuts_between_sentences():
    pieces = split("First sentence here. Second one is here. Third one.", 42)
    assert pieces == ["First sentence here. Second one is here.", "Third one."]


choices = st.lists(st.text(min_size=1, max_size=30), max_size=14, unique=True)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6000).filter(str.strip), choices)
def test_whatever_is_said_fits_whatsapp(clinic, text, titles):
    buttons = [{"title": title, "payload": f"/{number}"} for number, title in enumerate(titles)]
    outgoing = render({"text": text, "buttons": buttons}, Wording(clinic), "tr", ["A title (a page)"] * 2)
    assert [meta.limits_broken(each.payload) for each in outgoing] == [None] * len(outgoing)
    assert [payload for _, payload in outgoing[-1].choices] == [button["payload"] for button in buttons]


@pytest.mark.parametrize("count, longest, kind", [(3, 20, "button"), (4, 20, "list"), (3, 24, "list"), (10, 24, "list")])
def test_choices_are_buttons_or_a_list(wording, count, longest, kind):
    titles = [f"{number:0{longest}}" for number in range(count)]
    buttons = [{"title": title, "payload": f"/{title}"} for title in titles]
    [outgoing] = render({"text": "Which?", "buttons": buttons}, wording, "en")
    assert outgoing.payload["interactive"]["type"] == kind
    assert list(meta.options(outgoing.payload)) == titles


@pytest.mark.parametrize("count, text", [(11, "Which?"), (2, "Which? " * 200)])
def test_choices_that_do_not_fit_are_numbered(wording, count, text):
    buttons = [{"title": f"Title {number}", "payload": f"/{number}"} for number in range(count)]
    [outgoing] = render({"text": text, "buttons": buttons}, wording, "fr")
    assert f"*{count}.* Title {count - 1}" in meta.text(outgoing.payload)


def test_every_sentence_is_there_in_every_language_and_no_two_are_the_same(wording):
    for name, texts in yaml_files.read(PATH).items():
        assert set(texts) == set(LANGUAGES), name
        assert len(set(texts.values())) == len(LANGUAGES), name
    assert max(len(wording.say("choose", code)) for code in LANGUAGES) <= 20


def read(body):
    return list(events(body, meta.NUMBER))


def test_everything_in_a_delivery_is_read_in_order():
    first, second = meta.message("32470", body="one"), meta.message("32471", body="two")
    status = {"id": "wamid.1", "status": "failed", "errors": [{"code": 131026}], "biz_opaque_callback_data": "t"}
    one, two, state = read(meta.delivery(first, second, statuses=[status]))
    assert (one.text, one.who, two.text) == ("one", Identity(wa_id="32470"), "two")
    assert state == Status("failed", "wamid.1", "t", 131026)
    assert Message.restored(one.content()).text == "one"


@pytest.mark.parametrize(
    "change",
    [{"from": meta.DISPLAY}, {"group_id": "g"}, {"id": None}, {"from": None}, {"id": "x" * 600}],
    ids=["our own", "in a group", "without id", "of nobody", "endless id"],
)
def test_what_is_not_for_us_is_left_out(change):
    body = meta.delivery({**meta.message("32470", body="one"), **change}, contacts=[])
    assert read(body) == []


def test_a_delivery_for_another_number_is_left_out():
    assert list(events(meta.delivery(meta.message("32470", body="one")), "another")) == []


def test_a_moved_patient_in_each_form_meta_has_used():
    system = {"type": "user_changed_user_id", "previous_user_id": "BE.1", "user_id": "BE.2"}
    changed = {"id": "w", "type": "system", "system": system}
    older = [{"wa_id": "32470", "user_id": {"previous": "BE.1", "current": "BE.2"}}]
    assert read(meta.delivery(messages=[changed])) == [Moved(Identity("BE.1"), Identity("BE.2"))]
    assert read(meta.delivery(user_id_update=older)) == [Moved(Identity("BE.1", "32470"), Identity("BE.2", "32470"))]


def test_the_same_patient_keeps_the_conversation_and_another_never_gets_it():
    directory, now = Directory(VAULT), time.time()
    with engine().begin() as connection:
        first = directory.conversation(connection, Identity(wa_id="5550"), now)
        assert directory.conversation(connection, Identity("BE.50", "5550"), now) == first
        assert directory.conversation(connection, Identity("BE.50"), now) == first
        directory.move(connection, Identity("BE.50", "5550"), Identity("BE.51", "5551"))
        assert directory.find(connection, Identity("BE.51")) == first == directory.find(connection, Identity(wa_id="5551"))
        assert directory.find(connection, Identity("BE.50")) is None
        assert directory.conversation(connection, Identity("BE.60", "5550"), now) != first
        assert directory.conversation(connection, Identity("BE.61", "5551"), now) != first


def test_what_is_sealed_is_read_with_the_same_secret_only():
    sealed = VAULT.seal({"wa_id": "5550"})
    assert "5550" not in sealed and Vault("k" * 32).open(sealed) == {"wa_id": "5550"}
    with pytest.raises(ValueError, match="ASSISTANT_SECRET"):
        Vault("z" * 32).open(sealed)
    assert VAULT.pseudonym("5550") != Vault("z" * 32).pseudonym("5550")


def test_a_lease_has_one_owner_until_it_ends():
    assert leases.take("work", "one", 60) and not leases.take("work", "two", 60)
    leases.release("work", "two")
    assert not leases.take("work", "two", 60)
    leases.renew("one", -1)  # as if its time had run out
    assert leases.take("work", "two", 60) and not leases.take("work", "one", 60)
    leases.release("work", "two")
    assert leases.take("work", "one", 60)


def test_a_message_is_answered_by_one_server_only():
    with engine().begin() as connection:
        assert inbox.add(connection, "m" * 64, "whatsapp-x", time.time(), "sealed")
        assert not inbox.add(connection, "m" * 64, "whatsapp-x", time.time(), "sealed")
    one, two = inbox.begin("whatsapp-x"), inbox.begin("whatsapp-x")
    assert (one["attempts"], two["attempts"]) == (1, 2)
    with engine().begin() as connection:
        assert inbox.answered(connection, one["id"]) and not inbox.answered(connection, two["id"])
    assert inbox.begin("whatsapp-x") is None


def test_pauses_grow_and_the_operator_is_called_for_tokens_only():
    assert pause(1, None) <= 2 < 8 <= pause(4, 130429) and pause(30, 131056) <= 600
    assert all(operator_must_act(code) for code in (190, 10, 131042, 230)) and not operator_must_act(131056)


def test_half_the_settings_are_an_error_that_names_the_rest(monkeypatch):
    assert _whatsapp() is None
    monkeypatch.setenv("ASSISTANT_WHATSAPP_ACCESS_TOKEN", "t")
    with pytest.raises(SettingsError, match="ASSISTANT_WHATSAPP_APP_SECRET"):
        _whatsapp()
