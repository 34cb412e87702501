"""An answer that the clinic changed is said at once, survives an upgrade, and can be put into the repository."""
import copy
import subprocess

import pytest

from bot import answer_files
from bot.answer_book import Book, Responses, book
from bot.answers import Catalogue
from bot.settings import ANSWERS, ROOT
from tests.conftest import LANGUAGES

TOPIC = "faq_getting_up"


def entries(folder):
    return {name: answer_files.of(answer) for name, answer in Catalogue.load(folder, LANGUAGES).answers.items()}


DELIVERED = entries(ANSWERS)


def changed(topic=TOPIC, **texts):
    entry = copy.deepcopy(DELIVERED[topic])
    entry["simple"].update(texts)
    return entry


@pytest.fixture
def fresh(tmp_path):
    return Book(ANSWERS, tmp_path / "answers", LANGUAGES)


def test_a_file_that_is_written_anew_is_the_same_letter_for_letter():
    assert answer_files.diff(ANSWERS, DELIVERED, ROOT) == ""


def test_an_own_answer_is_said_until_it_is_taken_back(fresh):
    before = fresh.now()
    assert fresh.now() is before and fresh.own() == {}
    fresh.publish(TOPIC, changed(en="Ask your care team when to get up. [-]"))
    assert fresh.now().answers[TOPIC].simple["en"].startswith("Ask your care team")
    assert fresh.now().answers[TOPIC].full == before.answers[TOPIC].full and set(fresh.own()) == {TOPIC}
    fresh.publish(TOPIC, None)
    fresh.publish(TOPIC, None)
    assert fresh.now().answers[TOPIC] == before.answers[TOPIC] and fresh.own() == {}


def test_what_does_not_fit_is_left_out_and_named(fresh, tmp_path):
    fresh.publish("faq_risks", changed("faq_risks", en="Ask your care team. [-]"))
    for name, text in {
        "faq_nonsense": "faq_nonsense: {}",
        "faq_balloon": "faq_balloon: {title: 1}",
        "faq_candidates": "{",
        "faq_embolism": answer_files.write("faq_embolism", changed("faq_embolism", tr=" ")),
        "faq_cement": "\udcff",
    }.items():
        (tmp_path / "answers" / f"{name}.yml").write_text(text, "utf-8", errors="surrogateescape")
    assert sorted(fresh.faulty()) == ["faq_balloon", "faq_candidates", "faq_cement", "faq_embolism", "faq_nonsense"]
    assert "lacks words" in fresh.faulty()["faq_embolism"] and set(fresh.own()) == {"faq_risks"}


def test_the_generator_of_a_running_assistant_says_it():
    from rasa.shared.core.domain import Domain
    from rasa.utils.endpoints import EndpointConfig

    from bot.dialogue.answer_generator import AnswerGenerator

    generator, others = AnswerGenerator(EndpointConfig(), Domain.empty()), Responses()
    try:
        book().publish(TOPIC, changed(en="Ask your care team when to get up. [-]"))
        for responses in (generator.responses, others.now()):
            assert responses[f"utter_{TOPIC}_simple"][0]["text"] == "Ask your care team when to get up."
    finally:
        book().publish(TOPIC, None)
    assert generator.responses[f"utter_{TOPIC}_simple"][0]["text"] != "Ask your care team when to get up."


def test_the_difference_is_one_that_git_applies(tmp_path):
    entry = changed(en="Ask your care team when to get up. [-]\n", fr='Demandez « quand » à "l\'équipe". [-]\n')
    diff = answer_files.diff(ANSWERS, {TOPIC: answer_files.tidy(entry)}, ROOT)
    for path in ANSWERS.glob("*.yml"):
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path.relative_to(ROOT)).write_bytes(path.read_bytes())
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    assert entries(tmp_path / "data" / "answers") == {**DELIVERED, TOPIC: answer_files.tidy(entry)}
    assert sum(line.startswith(("+", "-")) for line in diff.splitlines()) == 12
