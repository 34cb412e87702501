"""The trained model on test questions, by the bars the clinic set. The worst language counts."""
import pytest

from benchmarks.keyboards import TYPED
from bot.evaluation import measures
from bot.evaluation.questions import follow_ups, load
from bot.evaluation.report import rows_of
from bot.settings import ROOT
from tests.conftest import LANGUAGES

BARS = {  # figure: (at least, at most)
    "top1": (0.90, 1),
    "top3": (0.97, 1),
    "emergency_recall": (0.98, 1),
    "false_alarms": (0, 0.02),
    "emergencies_warned": (0.99, 1),
    "needless_warnings": (0, 0.05),
    "out_of_scope_recall": (0.85, 1),
    "refused": (0, 0.05),
    "compound": (0.70, 1),
    "follow_up": (0.90, 1),
    "language": (0.99, 1),
}


@pytest.fixture(scope="module")
def figures(understanding):
    found = {}
    place = ROOT / "tests" / "nlu" / "project"
    after = follow_ups(place)
    for code, questions in load(place).items():
        every = [*questions, *after[code]]
        found[code] = measures.measure(every, rows_of(understanding, every))
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_independent_questions_are_understood(understanding, code):
    questions = load(ROOT / "tests" / "nlu" / "confirming")[code][::5]  # `bot evaluate` takes them all
    figures = measures.measure(questions, list(understanding.parse(question.text for question in questions)))
    assert figures["top1"] >= 0.93 and figures["language"] >= 0.98, figures
    assert figures["emergency_recall"] >= 0.95 and figures["emergencies_warned"] >= 0.97, figures


@pytest.mark.parametrize("typed", [name for name in TYPED if name not in ("as it was", "two slips")])
@pytest.mark.parametrize("code", LANGUAGES)
def test_how_it_is_typed_does_not_matter(understanding, code, typed):
    questions = load(ROOT / "tests" / "nlu" / "project")[code][::5]  # `python -m benchmarks.keyboards` takes other ones
    texts = (TYPED[typed](question.text, code) for question in questions)
    figures = measures.measure(questions, list(understanding.parse(texts)))
    assert figures["faq_top1"] >= 0.85 and figures["out_of_scope_recall"] >= 0.7, figures
    assert figures["emergencies_warned"] == 1 and figures["false_alarms"] <= 0.04, figures


@pytest.mark.parametrize("figure", BARS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_meets_the_bar(figures, code, figure):
    least, most = BARS[figure]
    assert least <= figures[code][figure] <= most, f"{figure} in {code}: {figures[code][figure]:.3f}"


def test_no_language_is_far_behind(figures):
    top1 = [figures[code]["top1"] for code in LANGUAGES]
    assert max(top1) - min(top1) <= 0.03


def test_bot_parse_gives_the_documented_fields(understanding):
    [row] = understanding.parse(["When can I get up, and what are the risks?"])
    assert set(row) == {"text", "language", "intent", "confidence", "intent_ranking", "intents", "red_flag", "doubted"}
    assert [entry["name"] for entry in row["intents"]] == ["faq_getting_up", "faq_risks"]
    assert row["language"] == "en" and row["red_flag"] is None
    [alarm] = understanding.parse(["I suddenly can't feel my legs"])
    assert alarm["red_flag"] == "cord_compression.legs" and alarm["intent"] == "emergency"


@pytest.mark.parametrize(
    "text, language, intent",
    [
        ("Papa hat Termin, ama korse takacak mı onu soracaktım", "tr", "faq_brace_after"),
        ("hoeveel kost dat, sigorta karşılıyor mu", "tr", "faq_insurance_coverage"),
        ("Onkel ist 88, est-ce trop vieux pour cette opération", "fr", "faq_older_patients"),
        ("Ich frage für Oma, can she walk the same day", "en", "faq_getting_up"),
    ],
)
def test_who_mixes_a_foreign_language_with_ours_is_answered_in_ours(understanding, text, language, intent):
    [row] = understanding.parse([text])
    assert row["language"] == language and intent in [entry["name"] for entry in row["intents"]]


@pytest.mark.parametrize(
    "text",
    [
        "Mein Vater hat seit gestern Rückenschmerzen",
        "Moet mijn moeder een korset dragen?",
        "¿Cuándo puedo volver a casa?",
        "Czy to jest bezpieczne?",
        "Cât costă operația și cine plătește?",
    ],
)
def test_a_language_that_is_not_served_is_said_to_be_none_of_ours(understanding, text):
    assert [row["intent"] for row in understanding.parse([text])] == ["nlu_other_language"]


def test_a_batch_reads_like_one_message_at_a_time(understanding):
    texts = [question.text for question in load(ROOT / "tests" / "nlu" / "project")["en"]][:70]
    together = [row["intent"] for row in understanding.parse(texts)]
    assert together == [next(understanding.parse([text]))["intent"] for text in texts]
