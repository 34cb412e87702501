"""An answer is edited, looked at by a second person, said to patients, and taken back."""
import html
import re

import pytest

from bot import answer_files
from bot.answer_book import book
from bot.settings import settings
from bot.store import answer_versions, audit
from bot.store.database import engine, metadata

TOPIC = "faq_getting_up"


@pytest.fixture(scope="module")
def people(console):
    return {name: console.member(name, role) for name, role in [
        ("ada", "editor"), ("bob", "approver"), ("lea", "reader"), ("max", "administrator")]}  # fmt: skip


@pytest.fixture(autouse=True)
def _delivered():
    yield
    for topic in book().delivered.answers:
        book().publish(topic, None)
    with engine().begin() as connection:
        for name in ("answer_versions", "answer_reviews"):
            connection.execute(metadata.tables[name].delete())


def filled(**changes):
    """Returns the form of the topic as the page has it, with `changes`."""
    answer = book().now().answers[TOPIC]
    fields = {"base": answer_files.digest(answer), "reason": "Patients asked"}
    for field in ("title", "question", "full", "simple"):
        fields.update({f"{field}-{code}": text for code, text in getattr(answer, field).items()})
    for number, fact in answer.facts.items():
        fields.update({f"fact-{number}": fact.say, f"from-{number}": list(fact.sources)})
        fields.update({f"differ-{number}": "yes"} if fact.differ else {})
    return {**fields, **{key.replace("_", "-"): value for key, value in changes.items()}}


def propose(browser, **changes):
    return browser.submit(f"/answers/{TOPIC}/propose", **filled(**changes))


def number():
    return str(answer_versions.history(TOPIC)[0].id)


def decide(browser, decision="approve"):
    return browser.submit(f"/answers/{TOPIC}/decide", number=number(), decision=decision)


def said():
    return book().now().answers[TOPIC]


SIMPLE = "Your care team says when you can get up. [-]"


def test_an_edit_is_said_once_a_second_person_approves_it(people):
    ada, bob = people["ada"], people["bob"]
    page = propose(ada, simple_en=SIMPLE).text
    assert "Proposed by ada" in page and "Patients asked" in page and "<ins>" in page and said().simple["en"] != SIMPLE
    assert "Wait for approval 1" in bob.get("/answers").text
    assert decide(ada).status_code == 403 and decide(people["lea"]).status_code == 403
    page = decide(bob).text
    assert said().simple["en"].strip() == SIMPLE and "said now" in page and "Looked through by bob" in page
    assert decide(bob).status_code == 409 and decide(bob, "refuse").status_code == 409
    actions = [entry["action"] for entry in audit.read(limit=8)]
    assert "answer.approved" in actions and "answer.proposed" in actions


def test_nobody_approves_their_own_not_even_an_administrator(people):
    propose(people["max"], simple_en=SIMPLE)
    assert decide(people["max"]).status_code == 403
    assert decide(people["max"], "withdraw").status_code == 200
    assert answer_versions.history(TOPIC)[0].state == "withdrawn" and decide(people["bob"]).status_code == 409
    propose(people["ada"], simple_en=SIMPLE)
    assert decide(people["max"], "withdraw").status_code == 409  # somebody else's
    decide(people["bob"], "refuse")
    assert answer_versions.history(TOPIC)[0].state == "refused" and said().simple["en"].strip() != SIMPLE
    assert decide(people["bob"], "nonsense").status_code == 400


def test_a_proposal_whose_answer_changed_meanwhile_has_to_be_edited_again(people):
    propose(people["ada"], simple_en=SIMPLE)
    first = number()
    stale = filled(simple_fr="Le médecin vous le dira. [-]")
    propose(people["ada"], simple_tr="Sağlık ekibinize sorun. [-]")
    decide(people["bob"])
    refused = people["bob"].submit(f"/answers/{TOPIC}/decide", number=first, decision="approve")
    assert refused.status_code == 409 and "edited again" in refused.text
    answer = people["ada"].submit(f"/answers/{TOPIC}/propose", **stale)
    assert answer.status_code == 409 and "Le médecin vous le dira" in answer.text


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"full_tr": " "}, "Words are missing here"),
        ({"simple_en": "You can get up after 7 hours. [1]"}, "A figure that no fact with a document has"),
        ({"simple_en": "It never hurts. [-]"}, "states something"),
        ({"simple_fr": "Demandez à votre équipe soignante. [-]\n" * 12}, "too many to read"),
        ({"simple_en": "Get up."}, "rest on"),
        ({"title_tr": "Ayağa kalkma zamanı ve yürüme"}, "at most 20 characters"),
        ({"simple_en": "Ask {clinic_boss}. [-]"}, "placeholders"),
        ({"simple_en": "<script>alert(1)</script> ask 100% [-]"}, "No empty lines"),
        ({"fact_9": "95 % are happy"}, "has a figure but no document"),
        ({"from_1": ["D9"], "full_en": "Ask your care team. [9]"}, "There is no fact 9"),
        ({"reason": " "}, "Say in a sentence why"),
        ({}, "Nothing was changed"),
    ],
)
def test_a_wrong_edit_is_refused_kindly_and_nothing_is_lost(people, changes, words):
    changes = {"simple_tr": "Sağlık ekibinize sorun. [-]", **changes} if "reason" in changes else changes
    answer = propose(people["ada"], **changes)
    assert answer.status_code == 400 and words in html.unescape(answer.text)
    assert "<script>alert" not in answer.text and answer_versions.history(TOPIC) == []
    for typed in changes.values():
        assert isinstance(typed, list) or typed.strip().split("\n")[0] in html.unescape(answer.text)


def test_the_check_while_typing_and_a_new_fact(people):
    ada = people["ada"]
    fields = filled(simple_en="Three of 4 walk the same day. [9]", fact_9="3 of 4 patients walk the same day", from_9=["D2"])
    shown = ada.client.post(f"/answers/{TOPIC}/check", data={"csrf": ada.token(), **fields}).text
    assert shown.count("leaves out a fact") == 3 and "figure" not in shown and "Three of 4 walk" in shown
    dropped = filled(drop_1="yes")
    shown = ada.client.post(f"/answers/{TOPIC}/check", data={"csrf": ada.token(), **dropped}).text
    assert "There is no fact 1" in shown
    assert "<form" in ada.get(f"/answers/{TOPIC}/edit").text and ada.get("/answers/faq_nothing").status_code == 404


def test_one_click_returns_to_an_earlier_version_or_the_delivered_one(people):
    ada, bob = people["ada"], people["bob"]
    delivered = said()
    propose(ada, simple_en=SIMPLE)
    first = number()
    decide(bob)
    propose(ada, simple_en="Ask your doctor when you can get up. [-]")
    second = number()
    assert bob.submit(f"/answers/{TOPIC}/return", number=second).status_code == 409  # never approved
    decide(bob)
    assert bob.submit(f"/answers/{TOPIC}/return", number=first).status_code == 200 and said().simple["en"].strip() == SIMPLE
    assert bob.submit(f"/answers/{TOPIC}/return", number="x").status_code == 409
    assert ada.submit(f"/answers/{TOPIC}/return", number=second).status_code == 403
    page = bob.submit(f"/answers/{TOPIC}/return", number="0").text
    assert said() == delivered and f"Back to version {first}" in page and "Back to the delivered answer" in page
    assert not list((settings().state / "answers").glob("*"))


def test_the_changes_go_into_the_repository_by_a_diff(people):
    propose(people["ada"], simple_en=SIMPLE)
    decide(people["bob"])
    diff = people["ada"].get("/answers.diff").text
    assert "+++ b/data/answers/recovery.yml" in diff and f"+      {SIMPLE}" in diff
    assert people["lea"].get("/answers.diff").status_code == 403


def test_an_answer_is_due_until_somebody_looked_through_it(people):
    ada = people["ada"]
    total = len(book().now().answers)
    assert f"Review is due {total}" in ada.get("/answers").text
    ada.submit(f"/answers/{TOPIC}/reviewed", days="30")
    assert f"Review is due {total - 1}" in ada.get("/answers?show=due").text
    for days in ("0", "x", "99999"):
        assert ada.submit(f"/answers/{TOPIC}/reviewed", days=days).status_code == 400
    assert re.search(r"Looked through by ada", ada.get(f"/answers/{TOPIC}").text)


def test_the_running_assistant_says_an_approved_edit_without_a_restart(assistant, client, people):
    def answered():
        return client.send("When can I get up?")[0]["text"]

    before = answered()
    full = "The documents speak of 12 hours, or of going home the same day. [1,2]\nPlease ask your care team. [-]"
    propose(people["ada"], full_en=full)
    assert answered() == before
    decide(people["bob"])
    assert "going home the same day. Please ask your care team." in answered()
    people["bob"].submit(f"/answers/{TOPIC}/return", number="0")
    assert answered() == before
