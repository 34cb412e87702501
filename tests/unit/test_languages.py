"""The languages stay in step: same files, same intents, same answers, nothing forgotten in one of them."""
import re
from collections import Counter

import pytest

from bot import yaml_files
from bot.answers import sentences, spoken
from bot.evaluation.copies import Copies, normal
from bot.evaluation.questions import load
from bot.nlu.languages import LANGUAGES as MODULES
from bot.nlu.languages import fold, straighten
from bot.settings import ROOT
from tests.conftest import LANGUAGES

DATA, TESTS = ROOT / "data" / "nlu", ROOT / "tests" / "nlu"
SETS = [TESTS / name for name in ("project", "development", "confirming")]
LARGE = {"emergency", "uncovered_medical_question", "personal_medical_advice", "out_of_scope"}


def examples(folder, code):
    found = {}
    for path in sorted((folder / code).glob("*.yml")):
        if path.stem not in ("compound", "follow_ups"):
            for entry in yaml_files.read(path)["nlu"]:
                lines = [line[2:].strip() for line in entry["examples"].splitlines() if line.startswith("- ")]
                found.setdefault(entry["intent"], []).extend(lines)
    return found


def intents():
    entries = yaml_files.read(ROOT / "domain.yml")["intents"]
    return [name for entry in entries for name in entry if not name.startswith("nlu_")]


def test_there_are_38_topics_and_24_other_intents():
    topics = [intent for intent in intents() if intent.startswith("faq_")]
    assert len(topics) == 38
    assert len(intents()) - len(topics) == 24


@pytest.mark.parametrize("folder", [DATA, *SETS], ids=lambda folder: folder.name)
def test_every_language_has_the_same_files(folder):
    names = {code: sorted(path.name for path in (folder / code).glob("*.yml")) for code in LANGUAGES}
    assert names["en"] == names["fr"] == names["tr"] != []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_intent_has_enough_training_examples(code):
    found = examples(DATA, code)
    assert set(found) == set(intents())
    for intent, lines in found.items():
        assert len(lines) >= (60 if intent in LARGE else 20), intent


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("folder, least", zip(SETS, (6, 3, 3)), ids=["project", "development", "confirming"])
def test_every_intent_has_enough_test_questions(folder, least, code):
    found = examples(folder, code)
    assert set(found) == set(intents())
    assert {intent: len(lines) for intent, lines in found.items() if len(lines) < least} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_sets_of_test_questions_share_nothing(code):
    asked = [{question.text for question in load(folder)[code] if len(question.text.split()) > 3} for folder in SETS]
    assert asked[0] & asked[1] == asked[0] & asked[2] == asked[1] & asked[2] == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_training_example_stands_under_two_intents_or_twice(code):
    counts = Counter(normal(line) for lines in examples(DATA, code).values() for line in lines)
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_test_question_is_or_nearly_is_a_training_example(code):
    training = Copies(line for lines in examples(DATA, code).values() for line in lines)
    asked = [question.text for folder in SETS for question in load(folder)[code]]
    assert {text: training.of(text) for text in asked if training.of(text)} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_folding_makes_every_keyboard_the_same(code):
    assert fold("İĞÜŞÖÇ ığüşöç") == "igusoc igusoc"
    assert fold("Été, l’œuvre À") == "ete, l'oeuvre a"
    assert code == MODULES[code].CODE


def test_turkish_capitals():
    assert MODULES["tr"].lower("IŞIK İYİ") == "ışık iyi"
    assert straighten("d`accord  d’accord") == "d'accord d'accord"


def test_no_text_is_the_same_in_two_languages(catalogue):
    for answer in catalogue.answers.values():
        for text in (answer.question, answer.full, answer.simple):
            assert len({text[code] for code in LANGUAGES}) == 3, answer.intent
    for reply in catalogue.replies.values():
        assert len({reply.say[code] for code in LANGUAGES}) == 3, reply.name


def test_every_language_uses_the_same_placeholders(catalogue):
    for reply in catalogue.replies.values():
        used = {code: sorted(set(re.findall(r"\{\w+\}", reply.say[code]))) for code in LANGUAGES}
        assert used["en"] == used["fr"] == used["tr"], reply.name


def test_the_same_figures_in_every_language(catalogue):
    for answer in catalogue.answers.values():
        for text in (answer.full, answer.simple):
            found = {code: sorted(set(re.findall(r"\d+", spoken(text[code])))) for code in LANGUAGES}
            assert found["en"] == found["fr"] == found["tr"], answer.intent


def test_the_same_facts_in_every_language(catalogue):
    for answer in catalogue.answers.values():
        for text in (answer.full, answer.simple):
            cited = {code: {n for _, numbers in sentences(text[code]) for n in numbers} for code in LANGUAGES}
            assert cited["en"] == cited["fr"] == cited["tr"], answer.intent
