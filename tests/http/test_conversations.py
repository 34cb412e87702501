"""Whole conversations with a running assistant, in each language; the expected words are read from data/answers."""
import re

import pytest

from bot.cli.client import Client
from bot.cli.server import address
from tests.conftest import LANGUAGES

# what the patient writes, and the response that must come (or several, in order)
CONVERSATIONS = {
    "en": [
        ("hello there", "utter_greet"),
        ("my mum broke a vertebra in her back, why does that happen??", "utter_faq_vcf_causes"),
        ("so what exactly is this kyphoplasty thing", "utter_faq_kyphoplasty_definition"),
        ("can you say that in easier words", "utter_faq_kyphoplasty_definition_simple"),
        ("where did you get that from", "utter_faq_kyphoplasty_definition_sources"),
        ("how long will they be operating on her", "utter_faq_duration"),
        ("When is she allowed out of bed, and what are the risks?", ["utter_faq_getting_up", "utter_faq_risks"]),
        ("is it paid for by the health insurance", "utter_faq_insurance_coverage"),
        ("should she stop her blood thinner before it? which dose is ok for her", "utter_personal_medical_advice"),
        ("yes please", ["utter_request_begins", "utter_ask_request_whom"]),
        ("stop", "utter_request_stopped"),
        ("bye for now", "utter_goodbye"),
    ],
    "fr": [
        ("bonjour", "utter_greet"),
        ("on m'a dit que j'ai un tassement de vertèbre, qu'est-ce que ça veut dire", "utter_faq_vcf_definition"),
        ("et pourquoi une vertèbre se casse comme ça", "utter_faq_vcf_causes"),
        ("la kyphoplastie c'est quoi au juste ?", "utter_faq_kyphoplasty_definition"),
        ("plus simplement svp", "utter_faq_kyphoplasty_definition_simple"),
        ("d'où tenez-vous cela ?", "utter_faq_kyphoplasty_definition_sources"),
        ("serai-je endormie pendant l'intervention", "utter_faq_anesthesia"),
        ("Quand pourrai-je me lever et est-ce remboursé ?", ["utter_faq_getting_up", "utter_faq_insurance_coverage"]),
        ("quand est ce que je peux reconduire ma voiture", "utter_uncovered_medical_question"),
        ("oui", ["utter_question_begins", "utter_ask_request_name"]),
        ("stop", "utter_request_stopped"),
        ("quels sont vos horaires et votre numéro", "utter_clinic_contact"),
    ],
    "tr": [
        ("merhaba", "utter_greet"),
        ("annemin omurgası çökmüş diyorlar, bu çökme kırığı nedir", "utter_faq_vcf_definition"),
        ("kifoplasti dedikleri sey nedir acaba", "utter_faq_kyphoplasty_definition"),
        ("anlamadım daha basit anlatır mısınız", "utter_faq_kyphoplasty_definition_simple"),
        ("bu bilgiyi nereden aldınız", "utter_faq_kyphoplasty_definition_sources"),
        ("ameliyat kaç saat sürüyor", "utter_faq_duration"),
        ("Ne zaman ayağa kalkabilir, bir de riskleri neler?", ["utter_faq_getting_up", "utter_faq_risks"]),
        ("kac gun hastanede yatacak", "utter_faq_hospital_stay"),
        ("85 yaşında, çok mu yaşlı bunun için", "utter_faq_older_patients"),
        ("sgk karşılıyor mu", "utter_faq_insurance_coverage"),
        ("randevu almak istiyorum", ["utter_request_begins", "utter_ask_request_whom"]),
        ("dur", "utter_request_stopped"),
    ],
}


@pytest.fixture(scope="module")
def texts(catalogue, clinic):
    """By language: the words of a response to its name."""
    found = {code: {} for code in LANGUAGES}
    for name, variations in catalogue.responses(clinic).items():
        for variation in variations:
            found[variation["metadata"]["language"]].setdefault(variation["text"], []).append(name)
    return found


def names(texts, code, messages):
    return [texts[code].get(message["text"], [f"not {code}: {message['text'][:60]}"]) for message in messages]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_whole_conversation(client, texts, code):
    assert len(CONVERSATIONS[code]) == 12
    for text, expected in CONVERSATIONS[code]:
        expected = [expected] if isinstance(expected, str) else expected
        said = names(texts, code, client.send(text))
        assert len(said) == len(expected), (text, said)
        assert all(name in options for name, options in zip(expected, said)), (text, said)


def only(texts, code, messages):
    [options] = names(texts, code, messages)
    return options


def test_only_the_last_of_two_answers_has_buttons(client):
    first, second = client.send("What does the cement consist of? And will I have a scar?")
    assert first["buttons"] == [] and second["buttons"]
    assert first["sources"] and second["topic"] == "faq_incisions"


@pytest.mark.parametrize(
    "code, question, emergency",
    [
        ("en", "when can i go home after it", "oh and since this morning I can't feel my legs any more"),
        ("fr", "combien de temps dure l'opération", "merci. au fait je n'arrive plus a uriner depuis hier"),
        ("tr", "ameliyat ne kadar sürer", "tesekkurler bu arada bacaklarim tutmuyor sabahtan beri"),
    ],
)
def test_an_emergency_wins_over_thanks_and_questions(client, clinic, code, question, emergency):
    client.send(question)
    [answer] = client.send(emergency)
    assert answer["kind"] == "emergency" and answer["language"] == code
    assert clinic.emergency_number in answer["text"].splitlines()[0]
    [again] = client.send(question)
    assert again["kind"] == "answer"


def test_a_button_is_pressed_and_keeps_the_language(client):
    [answer] = client.send("c'est quoi la vertébroplastie ?")
    [next_answer] = client.send(button=answer["buttons"][0]["button"])
    assert next_answer["language"] == "fr" and next_answer["topic"].startswith("faq_")


def test_did_you_mean_offers_up_to_three_buttons_and_then_a_person(client, texts, vague):
    unsure = vague["en"]
    [first] = client.send(unsure[0])
    assert "utter_did_you_mean" in only(texts, "en", [first]) and 1 <= len(first["buttons"]) <= 3
    assert "utter_offer_human" in only(texts, "en", client.send(unsure[1]))
    assert "utter_handover_waiting" in only(texts, "en", client.send("yes"))


def test_the_language_changes_on_a_wish_and_back_on_evidence(client):
    assert client.send("How big are the cuts?")[0]["language"] == "en"
    assert client.send("lütfen türkçe konuşalım")[0]["language"] == "tr"
    assert client.send("ok")[0]["language"] == "tr"
    assert client.send("Combien de temps faut-il rester à l'hôpital ?")[0]["language"] == "fr"


def test_a_fourth_language_gets_three(client):
    [answer] = client.send("Wie lange dauert die Operation und muss ich im Krankenhaus bleiben?")
    assert all(word in answer["text"] for word in ("English", "français", "Türkçe"))
    assert [button["title"] for button in answer["buttons"]] == ["English", "Français", "Türkçe"]
    assert client.send(button=answer["buttons"][2]["button"])[0]["language"] == "tr"


@pytest.mark.parametrize(
    "fracture, operation, dangerous, named",
    [
        ("What is a compression fracture?", "and what is kyphoplasty", "is it dangerous?", "Is the operation dangerous?"),
        ("c'est quoi un tassement", "la cyphoplastie, c'est quoi ?", "c'est dangereux ?", "L'opération est dangereuse ?"),
        ("çökme kırığı ne demek", "kifoplasti nedir", "tehlikeli mi", "ameliyat tehlikeli mi"),
    ],
)
def test_a_question_without_a_subject_is_about_the_last_answer(client, fracture, operation, dangerous, named):
    client.send(fracture)
    assert [message["topic"] for message in client.send(dangerous)] == ["faq_vcf_untreated"]
    client.send(operation)
    assert [message["topic"] for message in client.send(dangerous)] == ["faq_risks"]
    client.send(fracture)
    assert [message["topic"] for message in client.send(named)] == ["faq_risks"]


def test_more_goes_on_to_what_was_not_said_yet(client):
    topics = [client.send("how is the procedure done step by step")[0]["topic"]]
    for _ in range(2):
        topics.append(client.send("tell me more")[0]["topic"])
    assert len(set(topics)) == 3 and all(topics)


def test_feedback_is_stored_with_the_answer_it_is_about(client, assistant, texts):
    import sqlalchemy as sa

    from bot.settings import settings

    client.send("is it covered by my insurance?")
    assert "utter_feedback_negative" in only(texts, "en", client.send("that answer is useless"))
    [row] = [
        row
        for row in sa.create_engine(settings().database_url).execute("SELECT answer, helpful, language FROM feedback")
        if row.answer == "utter_faq_insurance_coverage"
    ]
    assert not row.helpful and row.language == "en"
    assert client.send("simpler please")[0]["text"] in texts["en"]


def test_two_patients_do_not_meet(assistant):
    one, two = Client(address()), Client(address())
    one.send("kyphoplastie c'est quoi")
    assert one.send("plus simplement")[0]["topic"] == "faq_kyphoplasty_definition"
    assert two.send("plus simplement")[0]["topic"] is None


ODD = {
    "empty": "",
    "blank": "   \n ",
    "long": "why does my back hurt so much after all these years and " * 90,
    "emoji": "😀🦴❓",
    "control characters": "\x00\x07\x1b[31m hello",
    "command": "/restart",
    "payload": '/change_language{"language": "tr"}',
    "intent": "/erase_my_data",
    "json": '{"intent": {"name": "emergency"}, "text": null}',
    "html": "<script>alert('x')</script><b>when can I get up?</b>",
    "paste": "\n".join(f"line {n}: the patient was seen and went home again" for n in range(30)),
    "zero width": "\u200b\u200b\u202e",
    "sql": "'; DROP TABLE events; --",
    "right to left": "متى يمكنني النهوض؟",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_input_gets_a_kind_answer_and_triggers_nothing(client, text):
    client.send("hello")
    [answer] = client.send(text)
    assert answer["text"] and not re.search(r"Traceback|Error|Exception", answer["text"])
    assert answer["kind"] != "emergency" and answer["language"] == "en"
    assert client.send("how long does the operation take")[0]["topic"] == "faq_duration"


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'"text"', b'{"text": 7}', b'{"session": {}}', b"\xff\xfe"])
def test_a_malformed_request_is_refused_or_answered_but_never_fails(assistant, body):
    import httpx

    answer = httpx.post(f"{address()}/webhooks/web/message", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400)
    assert answer.json()


def test_strangers_get_no_other_channel(assistant):
    import httpx

    for path in ("/webhooks/rest/webhook", "/model", "/conversations/web-1/tracker", "/webhooks/callback/webhook"):
        answer = httpx.post(f"{address()}{path}", json={"sender": "web-1", "message": "hi"})
        assert answer.status_code in (401, 403, 404, 405)


def test_an_unknown_session_starts_an_empty_conversation(assistant):
    import httpx

    answer = httpx.post(f"{address()}/webhooks/web/message", json={"session": "made.up.token", "text": "tell me more"})
    assert answer.status_code == 200 and answer.json()["session"] != "made.up.token"
