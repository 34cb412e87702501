"""Requests, hand-over and erasure with a running assistant, in each language; expected words come from data/answers."""
import random
import re
import time
import uuid

import pytest
import sqlalchemy as sa

from bot.channels.sessions import Sessions
from bot.cli.client import Client
from bot.cli.server import address
from bot.settings import settings
from bot.store import handovers, requests, threads, transcripts
from tests.conftest import LANGUAGES

SCRIPTS = {
    "en": {
        "start": "I would like to book an appointment",
        "whom": "it is for my mother",
        "name": "Rose Martin",
        "caller": "Tom Martin",
        "question": "what are the risks of the operation?",
        "when": "next Tuesday afternoon or any Thursday morning",
        "sunday": "sunday",
        "reason": "her broken vertebra",
        "known": "no, first time",
        "change": "change the phone please",
        "correction": "no, Wednesday morning",
        "yes": "yes, send it",
        "emergency": "oh and since this morning she can't feel her legs",
        "stop": "stop",
        "again": "I want an appointment",
        "status": "can I change my appointment",
        "withdraw": "I want to cancel my appointment",
        "person": "can I talk to a real person please",
        "call_me": "yes please",
        "erase": "erase my data",
    },
    "fr": {
        "start": "je voudrais prendre rendez-vous",
        "whom": "c'est pour ma mère",
        "name": "Élodie Lefèvre",
        "caller": "Jean Lefèvre",
        "question": "quels sont les risques de l'opération ?",
        "when": "mardi en 8 l'après-midi",
        "sunday": "dimanche",
        "reason": "sa fracture de vertèbre",
        "known": "non, c'est la première fois",
        "change": "changer le téléphone",
        "correction": "non, mercredi matin",
        "yes": "oui, envoyez",
        "emergency": "au fait elle ne sent plus ses jambes depuis ce matin",
        "stop": "stop",
        "again": "je voudrais un rendez-vous",
        "status": "je veux modifier mon rendez-vous",
        "withdraw": "je veux annuler mon rendez-vous",
        "person": "je veux parler à une vraie personne",
        "call_me": "oui, volontiers",
        "erase": "effacez mes données",
    },
    "tr": {
        "start": "randevu almak istiyorum",
        "whom": "annem için",
        "name": "Ayşe Yılmaz",
        "caller": "Salih Yılmaz",
        "question": "ameliyatın riskleri neler?",
        "when": "haftaya salı öğleden sonra",
        "sunday": "pazar günü",
        "reason": "omurga kırığı",
        "known": "hayır, ilk kez geliyor",
        "change": "telefonu değiştir",
        "correction": "hayır, çarşamba sabahı",
        "yes": "evet, gönderin",
        "emergency": "bu arada sabahtan beri bacaklarını hissetmiyor",
        "stop": "dur",
        "again": "randevu istiyorum",
        "status": "randevumu değiştirmek istiyorum",
        "withdraw": "randevumu iptal etmek istiyorum",
        "person": "gerçek bir insanla görüşmek istiyorum",
        "call_me": "evet lütfen",
        "erase": "verilerimi silin",
    },
}
OTHER_PHONE = "0470 99 88 77"
REFERENCE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")


@pytest.fixture(params=LANGUAGES)
def talk(request, assistant, patterns):
    return Talk(request.param, patterns[request.param])


class Talk:
    """A new conversation in one language."""

    def __init__(self, code, patterns):
        self.code, self.words, self.patterns = code, SCRIPTS[code], patterns
        self.id = f"test-{uuid.uuid4().hex}"
        self.phone = f"0470 {random.randint(100000, 999999)}"  # a patient of its own, or requests would be one
        self.client = Client(address())
        self.client._session = Sessions(settings().secret).issue(self.id)

    def said(self, text=None, *expected, button=None):
        """Sends, and checks that exactly these responses come; returns the last message."""
        messages = self.client.send(self.words.get(text, text), button=button)
        names = [[n for n, p in self.patterns.items() if p.fullmatch(m["text"])] for m in messages]
        assert len(names) == len(expected), (text, names or messages)
        for options, name in zip(names, expected):
            assert f"utter_{name}" in options, (text, name, options, [m["text"][:90] for m in messages])
        return messages[-1] if messages else None

    def begin(self):
        return self.said("start", "request_begins", "ask_request_whom")

    def to_summary(self):
        self.begin()
        self.said("whom", "ask_request_name")
        self.said("name", "ask_request_caller")
        self.said("caller", "ask_request_contact")
        self.said(self.phone, "ask_request_when")
        self.said("when", "ask_request_reason")
        self.said("reason", "ask_request_known")
        return self.said("known", "ask_request_consent")

    def send(self):
        """A whole request; returns its reference."""
        self.to_summary()
        return REFERENCE.search(self.said("yes", "request_sent_appointment")["text"]).group()


def test_from_the_wish_to_the_reference(talk):
    summary = talk.to_summary()
    assert all(part in summary["text"] for part in (talk.words["name"], talk.words["caller"], "+32 470"))
    assert talk.words["reason"] in summary["text"] and len(summary["buttons"]) == 3
    assert requests.of(talk.id) == []
    text = talk.said("yes", "request_sent_appointment")["text"]
    [stored] = requests.of(talk.id)
    assert stored.reference in text and stored.language == talk.code and stored.data["known"] == "new"
    [window] = stored.data["when"][:1]
    assert window["half"] == "afternoon" and window["first"] == window["last"]


def test_questions_emergencies_and_corrections_in_the_middle(talk, clinic):
    talk.begin()
    talk.said("question", "faq_risks", "ask_request_whom")
    talk.said("whom", "ask_request_name")
    emergency = talk.client.send(talk.words["emergency"])
    assert emergency[0]["kind"] == "emergency" and len(emergency) == 1 and clinic.emergency_number in emergency[0]["text"]
    talk.said("name", "ask_request_caller")
    talk.said("question", "faq_risks", "ask_request_caller")
    talk.said("caller", "ask_request_contact")
    talk.said("0470 12", "request_contact_unclear", "ask_request_contact")
    talk.said(talk.phone, "ask_request_when")
    talk.said("sunday", "request_when_closed", "ask_request_when")
    talk.said("when", "ask_request_reason")
    talk.said("question", "faq_risks", "ask_request_reason")
    talk.said("reason", "ask_request_known")
    talk.said("known", "ask_request_consent")
    talk.said("correction", "ask_request_consent")
    talk.said("change", "ask_request_contact")
    assert "+32 470 99 88 77" in talk.said(OTHER_PHONE, "ask_request_consent")["text"]
    talk.said("yes", "request_sent_appointment")
    [stored] = requests.of(talk.id)
    assert stored.data["when"][0]["half"] == "morning" and stored.data["contact"] == "+32 470 99 88 77"


def test_stop_sends_nothing_and_a_later_wish_goes_on(talk):
    talk.begin()
    talk.said("whom", "ask_request_name")
    talk.said("name", "ask_request_caller")
    talk.said("stop", "request_stopped")
    assert requests.of(talk.id) == []
    talk.said("again", "request_resumed", "ask_request_caller")


def test_buttons_lead_through_the_form(talk):
    def press(message, number, *expected):
        return talk.said(None, *expected, button=message["buttons"][number]["button"])

    whom = talk.begin()
    press(whom, 0, "ask_request_name")
    talk.said("name", "ask_request_contact")
    when = talk.said("anna@example.com", "ask_request_when")
    reason = press(when, 1, "ask_request_reason")
    known = press(reason, 0, "ask_request_known")
    summary = press(known, 0, "ask_request_consent")
    change = press(summary, 1, "ask_request_change")
    press(change, 2, "ask_request_when")
    summary = talk.said("when", "ask_request_consent")
    press(summary, 0, "request_sent_appointment")
    assert requests.of(talk.id)[0].data["whom"] == "self"


def test_state_change_and_withdrawal(talk, patterns):
    reference = talk.send()
    open_one = talk.said("again", "request_open")
    assert reference in open_one["text"]
    talk.said(None, "ask_request_change", button=open_one["buttons"][0]["button"])
    talk.said("correction", "ask_request_consent")
    assert reference in talk.said("yes", "request_replaced")["text"]
    stored = requests.find(reference)
    assert stored.version == 2 and stored.data["when"][0]["half"] == "morning"
    stranger = Talk(talk.code, patterns[talk.code])
    told = stranger.said(f"{talk.words['status']}: {reference.lower()}", "request_status")["text"]
    assert talk.words["name"] not in told and "+32 470" not in told
    talk.said("withdraw", "ask_withdraw")
    talk.said("yes", "request_withdrawn")
    assert requests.find(reference).state == "withdrawn"
    stranger.said(f"{talk.words['status']}: {reference}", "request_closed")
    stranger.said("withdraw", "change_appointment")


def test_a_person_takes_the_conversation_and_gives_it_back(talk, clinic):
    talk.said("question", "faq_risks")
    talk.said("person", "handover_waiting")
    [mine] = [held for held in handovers.waiting() if held.conversation == talk.id]
    assert mine.language == talk.code and mine.summary["topics"] == ["faq_risks"]
    talk.said("question", "faq_risks")  # the assistant goes on until somebody comes
    assert handovers.take(talk.id, "Ines") and handovers.reply(talk.id, "Ines", "Hello")
    talk.said("question")
    [emergency] = talk.client.send(talk.words["emergency"])
    assert (emergency["kind"], emergency["language"]) == ("emergency", talk.code)
    assert handovers.current(talk.id).summary["red_flags"]
    logged = [(line.text, bool(line.number)) for line in transcripts.read(talk.id) if line.who == "patient"][-2:]
    assert logged == [(talk.words["question"], True), (talk.words["emergency"], True)]
    assert handovers.give_back(talk.id, "the assistant is back")
    talk.said("question", "faq_risks")
    assert [e["text"] for e in threads.after(talk.id, 0) if e["from"] == "staff"] == ["Hello"]


def test_yes_after_nobody_came_is_yes_to_a_call(talk):
    talk.said("question", "faq_risks")
    talk.said("person", "handover_waiting")
    assert handovers.miss(talk.id, {"text": "sorry, nobody came; shall the clinic call you?"})
    talk.said("call_me", "callback_begins", "ask_request_name")


def test_a_bare_reference_says_no_language(talk):
    for words in ("7KXM-92QP", "K7-4F2"):
        said = Talk(talk.code, talk.patterns).client.send(words)  # by the page's, which is the clinic's, language
        assert said[0]["language"] == settings().clinic.default_language
    talk.said("question", "faq_risks")
    talk.said("7KXM-92QP", "reference_unknown")


def test_erasing_everything_leaves_a_receipt(talk):
    reference = talk.send()
    talk.said("erase", "erase_my_data")
    text = talk.said("yes", "data_erased")["text"]
    assert "{" not in text and requests.find(reference) is None
    store = sa.create_engine(settings().database_url)
    for table, column in (("events", "sender_id"), ("requests", "conversation"), ("outbox", "conversation")):
        assert store.execute(sa.text(f"SELECT COUNT(*) FROM {table} WHERE {column} = :c"), {"c": talk.id}).scalar() == 0
    assert len(threads.after(talk.id, 0)) == 1
    talk.said("question", "faq_risks")


def test_what_staff_write_reaches_an_open_page(assistant):
    from tests.http.test_web_channel import Page, scene

    async def play():
        async with Page() as page:
            conversation = Sessions(settings().secret).conversation(page.ready["session"])
            await page.event()
            handovers.ask(conversation, "en", {}, ())
            handovers.take(conversation, "Ines")
            handovers.reply(conversation, "Ines", "Good afternoon")
            event = await page.event()
            assert (event["from"], event["text"], "pushed" in event) == ("staff", "Good afternoon", False)
            await page.silent(3)

    scene(play)


def test_nothing_of_a_patient_stands_in_the_logs(assistant):
    time.sleep(0.5)
    logs = "".join(path.read_text(errors="replace") for path in (settings().state / "logs").glob("*.log"))
    for words in SCRIPTS.values():
        assert words["name"] not in logs and words["caller"] not in logs
    assert "+32 470" not in logs and "0470 " not in logs
