"""The answers rest on the documents, are complete, short and easy to read."""
import re

import pytest
import yaml

from bot import yaml_files
from bot.answer_rules import polite, problems
from bot.answers import AT_THE_TIME, MAX_TITLE, Answer, Catalogue
from bot.errors import CatalogueError
from bot.readability import reading_ease
from bot.settings import ANSWERS, ROOT
from tests.conftest import LANGUAGES

REFERENCE = yaml_files.read(ROOT / "tests" / "fixtures" / "catalogue.yml")


def test_every_topic_of_the_reference_has_an_answer(catalogue):
    assert list(sorted(catalogue.answers)) == sorted(REFERENCE["faq"])


def test_every_fact_of_the_reference_is_kept_with_its_documents(catalogue):
    for topic, entry in REFERENCE["faq"].items():
        facts = catalogue.answers[topic].facts.values()
        for fact in entry["facts"]:
            kept = [(tuple(sorted(f.sources)), f.differ) for f in facts if f.say == fact["say"]]
            assert kept == [(tuple(sorted(fact["from"])), fact.get("differ", False))], (topic, fact["say"])


def faults(catalogue, clinic, answer, before=None):
    return list(problems(answer, catalogue.answers, catalogue.documents, clinic, before))


def test_every_answer_keeps_every_rule(catalogue, clinic):
    """The rules that an edit in the staff console has to pass as well: bot/answer_rules.py."""
    assert [str(fault) for answer in catalogue.answers.values() for fault in faults(catalogue, clinic, answer)] == []


def entry_of(topic):
    """Returns a topic as its file has it, to be changed."""
    found = (yaml_files.read(path) for path in sorted(ANSWERS.glob("*.yml")))
    return next(entries[topic] for entries in found if topic in entries)


@pytest.mark.parametrize(
    "topic, rule, field, change",
    [
        ("faq_risks", "missing", "full", lambda e: e["full"].update(tr=" ")),
        ("faq_risks", "unmarked", "full", lambda e: e["full"].update(en=e["full"]["en"] + "It never hurts.")),
        ("faq_risks", "title", "title", lambda e: e["title"].update(fr="Tous les risques possibles")),
        ("faq_risks", "fact_left_out", "full", lambda e: e["full"].update(en="The risk is low. [1]")),
        ("faq_risks", "figure", "full", lambda e: e["full"].update(en=e["full"]["en"] + "It helps 95 % of people. [1]")),
        ("faq_risks", "figure", "simple", lambda e: e["simple"].update(tr="Risk % 3 kadardır. [1]")),
        ("faq_risks", "asserts", "simple", lambda e: e["simple"].update(fr="Cela ne fait jamais mal. [-]")),
        ("faq_risks", "long", "simple", lambda e: e["simple"].update(en="The risk is low. [1]\n" * 20)),
        ("faq_risks", "hard", "simple", lambda e: e["simple"].update(en="Complications necessitate hospitalisation. [1]")),
        ("faq_risks", "polite", "simple", lambda e: e["simple"].update(fr="Tu peux saigner. [2]")),
        ("faq_risks", "markup", "simple", lambda e: e["simple"].update(en="The risk is **low**. [1]")),
        ("faq_risks", "markup", "simple", lambda e: e["simple"].update(en="The risk is low {summary}. [1]")),
        ("faq_risks", "placeholder", "simple", lambda e: e["simple"].update(en="Ask {clinic_boss}. [1]")),
        ("faq_risks", "document", "facts", lambda e: e["facts"][1].update({"from": ["D9"]})),
        ("faq_risks", "fact_source", "facts", lambda e: e["facts"][1].update({"say": "3 % bleed", "from": []})),
        ("faq_risks", "empty_fact", "facts", lambda e: e["facts"][1].update(say=" ")),
        ("faq_risks", "buttons", "next", lambda e: e.update(next=["faq_embolism"])),
        ("faq_anesthesia", "differ", "full", lambda e: e["full"].update(en="The documents differ. [1]")),
        ("faq_nerve_damage", "emergency", "simple", lambda e: e["simple"].update(en="A nerve can be hurt. [1]")),
    ],
)
def test_a_rule_that_is_broken_is_named(catalogue, clinic, topic, rule, field, change):
    entry = entry_of(topic)
    change(entry)
    found = faults(catalogue, clinic, Answer.read(topic, entry), catalogue.answers[topic])
    assert (rule, field) in {(fault.rule, fault.field) for fault in found}, found


@pytest.mark.parametrize("code", LANGUAGES)
def test_patients_are_addressed_politely(catalogue, code):
    said = [reply.say[code] for reply in catalogue.replies.values()]
    assert [text for text in said if not polite(text, code)] == []


def test_button_titles_fit_a_whatsapp_button(catalogue, clinic):
    for variations in catalogue.responses(clinic).values():
        for variation in variations:
            assert len(variation.get("buttons", [])) <= 3
            assert all(len(button["title"]) <= MAX_TITLE for button in variation.get("buttons", []))


def test_no_answer_has_a_blank_line_or_markup(catalogue, clinic):
    for name, variations in catalogue.responses(clinic).items():
        for variation in variations:
            said = re.sub(r"\{(" + "|".join(AT_THE_TIME) + r")\}", "x", variation["text"])  # an action fills these in
            assert not re.search(r"\n\s*\n|\*\*|__|<\w|\[[\d,-]+\]|\{\w+\}", said), name


@pytest.mark.parametrize(
    "change, complaint",
    [
        (lambda entry: entry["full"].pop("tr"), "faq_getting_up.full.tr: lacks words"),
        (lambda entry: entry["title"].update(fr="x" * 21), "over 20 characters"),
        (lambda entry: entry["simple"].update(en="You can get up soon."), "without a [fact] marker"),
        (lambda entry: entry["simple"].update(en="You can get up. [9]"), "no fact 9"),
        (lambda entry: entry.update(next=["faq_nonsense"]), "'faq_nonsense' is no topic"),
        (lambda entry: entry.pop("facts"), "lacks or garbles 'facts'"),
    ],
)
def test_a_faulty_answer_is_an_error_that_names_it(tmp_path, change, complaint):
    for path in ANSWERS.glob("*.yml"):
        entries = yaml_files.read(path)
        if "faq_getting_up" in entries:
            change(entries["faq_getting_up"])
        (tmp_path / path.name).write_text(yaml.safe_dump(entries, allow_unicode=True))
    with pytest.raises(CatalogueError) as error:
        Catalogue.load(tmp_path, LANGUAGES)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    "code, easy, hard",
    [
        ("en", "The cat sat on the mat. It was warm.", "Percutaneous vertebral augmentation necessitates fluoroscopy."),
        ("fr", "Le chat dort. Il fait chaud.", "L'augmentation vertébrale percutanée nécessite une radioscopie."),
        ("tr", "Kedi uyuyor. Hava sıcak.", "Perkütan vertebral ogmentasyon floroskopi gerektirmektedir."),
    ],
)
def test_reading_ease_tells_easy_from_hard(code, easy, hard):
    assert reading_ease(easy, code) > 80 > 30 > reading_ease(hard, code)


def test_reading_ease_of_atesman_as_published():
    # 198.825 - 40.175 (syllables/word) - 2.610 (words/sentence), here 2 and 3
    assert reading_ease("Kedi mama yedi.", "tr") == pytest.approx(198.825 - 40.175 * 2 - 2.610 * 3)


def test_a_loaded_model_does_not_bring_its_old_words_back(clinic):
    """Rasa's agent sets `responses` to those of the model; an answer edited on disk must win."""
    from rasa.shared.core.domain import Domain
    from rasa.utils.endpoints import EndpointConfig

    from bot.dialogue.answer_generator import AnswerGenerator

    generator = AnswerGenerator(EndpointConfig(), Domain.empty())
    generator.responses = {"utter_greet": [{"text": "old words"}]}
    assert clinic.name in generator.responses["utter_greet"][0]["text"]
