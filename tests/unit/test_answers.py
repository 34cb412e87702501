"""The answers rest on the documents, are complete, short and easy to read."""
import re

import pytest
import yaml

from bot.answers import AT_THE_TIME, MAX_TITLE, Catalogue, sentences, spoken
from bot.errors import CatalogueError
from bot.readability import reading_ease
from bot.settings import ANSWERS, ROOT
from tests.conftest import LANGUAGES

REFERENCE = yaml.safe_load((ROOT / "tests" / "fixtures" / "catalogue.yml").read_text())
EASY = 70  # reading ease of a 12-year-old, for the simple versions
FORMAL = {"fr": r"\b(tu|ton|tes|toi|t')\b", "tr": r"\b(sen|senin|sana|seni)\b"}


def every_text(catalogue):
    for answer in catalogue.answers.values():
        for version in ("full", "simple"):
            for code in LANGUAGES:
                yield f"{answer.intent} {version} {code}", answer, version, code, getattr(answer, version)[code]


def test_every_topic_of_the_reference_has_an_answer(catalogue):
    assert list(sorted(catalogue.answers)) == sorted(REFERENCE["faq"])


def test_every_fact_of_the_reference_is_kept_with_its_documents(catalogue):
    for topic, entry in REFERENCE["faq"].items():
        facts = catalogue.answers[topic].facts.values()
        for fact in entry["facts"]:
            kept = [(tuple(sorted(f.sources)), f.differ) for f in facts if f.say == fact["say"]]
            assert kept == [(tuple(sorted(fact["from"])), fact.get("differ", False))], (topic, fact["say"])


def test_every_fact_is_carried_by_the_full_answer_in_every_language(catalogue):
    for name, answer, version, _, text in every_text(catalogue):
        if version == "full":
            assert {n for _, numbers in sentences(text) for n in numbers} == set(answer.facts), name


def test_where_documents_differ_the_answer_says_so_and_names_the_care_team(catalogue):
    own_team = {
        "en": r"care team|clinic|doctor",
        "fr": r"équipe soignante|clinique|médecin",
        "tr": r"sağlık ekib|klini|doktor|hekim",
    }
    for name, answer, version, code, text in every_text(catalogue):
        if version == "full" and any(fact.differ for fact in answer.facts.values()):
            assert re.search(own_team[code], spoken(text)), name


def test_no_figure_without_a_source(catalogue):
    for name, answer, _, _, text in every_text(catalogue):
        for sentence, numbers in sentences(text):
            known = " ".join(answer.facts[n].say for n in numbers)
            for figure in re.findall(r"\d+", re.sub(r"\{\w+\}", "", sentence)):
                assert figure in re.findall(r"\d+", known), (name, sentence)


def test_a_sentence_without_a_fact_asserts_nothing(catalogue):
    """What rests on no fact may only send to somebody, or say what the assistant cannot do."""
    sends = re.compile(
        r"\b(ask|talk|speak|follow|call|contact|discuss|tell|clinic|care team|doctor|specialist|insurer|I )|"
        r"(deman|parl|suiv|appel|contact|discut|équipe|clinique|médecin|spécialiste|assureur|[Jj]e )|"
        r"(sor|danış|konuş|uy|ara|görüş|söyle|ekib|klini|doktor|hekim|uzman|sigorta|ben|bilgi)"
    )
    for name, _, _, _, text in every_text(catalogue):
        for sentence, numbers in sentences(text):
            if not numbers:
                assert sends.search(sentence), (name, sentence)


def test_answers_are_short(catalogue):
    for name, _, version, _, text in every_text(catalogue):
        words = len(spoken(text).split())
        assert words <= (95 if version == "full" else 50), (name, words)


def test_simple_versions_are_easy_to_read(catalogue):
    hard = {
        name: round(ease, 1)
        for name, _, version, code, text in every_text(catalogue)
        if version == "simple" and (ease := reading_ease(spoken(text), code)) < EASY
    }
    assert hard == {}


@pytest.mark.parametrize("code", sorted(FORMAL))
def test_patients_are_addressed_politely(catalogue, code):
    said = [t[code] for a in catalogue.answers.values() for t in (a.full, a.simple, a.question)]
    said += [reply.say[code] for reply in catalogue.replies.values()]
    assert [text for text in said if re.search(FORMAL[code], text, re.IGNORECASE)] == []


def test_button_titles_fit_a_whatsapp_button(catalogue, clinic):
    for variations in catalogue.responses(clinic).values():
        for variation in variations:
            assert len(variation.get("buttons", [])) <= 3
            assert all(len(button["title"]) <= MAX_TITLE for button in variation.get("buttons", []))


def test_each_answer_offers_two_or_three_other_topics(catalogue):
    for answer in catalogue.answers.values():
        assert 2 <= len(answer.next) <= 3 and answer.intent not in answer.next, answer.intent


def test_no_answer_has_a_blank_line_or_markup(catalogue, clinic):
    for name, variations in catalogue.responses(clinic).items():
        for variation in variations:
            said = re.sub(r"\{(" + "|".join(AT_THE_TIME) + r")\}", "x", variation["text"])  # an action fills these in
            assert not re.search(r"\n\s*\n|\*\*|__|<\w|\[[\d,-]+\]|\{\w+\}", said), name


@pytest.mark.parametrize(
    "change, complaint",
    [
        (lambda entry: entry["full"].pop("tr"), "faq_getting_up.full lacks 'tr'"),
        (lambda entry: entry["title"].update(fr="x" * 21), "over 20 characters"),
        (lambda entry: entry["simple"].update(en="You can get up soon."), "without a [fact] marker"),
        (lambda entry: entry["simple"].update(en="You can get up. [9]"), "no fact 9"),
        (lambda entry: entry.update(next=["faq_nonsense"]), "'faq_nonsense' is no topic"),
        (lambda entry: entry.pop("facts"), "lacks or garbles 'facts'"),
    ],
)
def test_a_faulty_answer_is_an_error_that_names_it(tmp_path, change, complaint):
    for path in ANSWERS.glob("*.yml"):
        entries = yaml.safe_load(path.read_text())
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
