"""The red-flag rules, held to their own examples and to what must never change a reading."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import yaml_files
from bot.errors import CatalogueError
from bot.nlu.languages import fold
from bot.nlu.red_flags import RedFlags, Rule, response
from bot.settings import RED_FLAGS, ROOT
from tests.conftest import LANGUAGES

CATALOGUE = RedFlags.load(RED_FLAGS)
ORDINARY = yaml_files.read(ROOT / "tests" / "fixtures" / "ordinary.yml")
ALARMS = [(rule.id, code, text) for rule in CATALOGUE.rules for code in LANGUAGES for text in rule.examples[code]["alarm"]]
CALM = [(rule.id, code, text) for rule in CATALOGUE.rules for code in LANGUAGES for text in rule.examples[code]["calm"]]


@pytest.mark.parametrize("rule_id, code, text", ALARMS)
def test_alarming_examples_match(rule_id, code, text):
    match = CATALOGUE.match(text)
    assert match is not None and match.response == response(rule_id)


@pytest.mark.parametrize("rule_id, code, text", CALM)
def test_calm_examples_do_not_match(rule_id, code, text):
    assert CATALOGUE.match(text) is None


@pytest.mark.parametrize("rule_id, code, text", ALARMS)
def test_an_age_calms_nothing(rule_id, code, text):
    age = {"en": "I am {} years old and", "fr": "J'ai {} ans et", "tr": "{} yaşındayım,"}[code]
    assert all(CATALOGUE.match(f"{age.format(years)} {text}") for years in (40, 60, 82, 99))


@pytest.mark.parametrize("text", [text for texts in ORDINARY.values() for text in texts])
def test_numbers_in_ordinary_questions_are_no_temperatures(text):
    assert CATALOGUE.match(text) is None


def test_every_rule_has_examples_in_every_language():
    for rule in CATALOGUE.rules:
        for code in LANGUAGES:
            assert len(rule.examples[code]["alarm"]) >= 2, (rule.id, code)
            assert len(rule.examples[code]["calm"]) >= 1, (rule.id, code)


def test_every_group_has_its_own_emergency_answer(catalogue):
    assert {rule.response for rule in CATALOGUE.rules} <= set(catalogue.replies)


def test_every_emergency_answer_opens_with_the_number_except_the_gentle_one(catalogue):
    for name, reply in catalogue.replies.items():
        if name.startswith("utter_emergency"):
            for code in LANGUAGES:
                first = reply.say[code].strip().splitlines()[0]
                assert ("{emergency_number}" in first) != name.endswith("suicidal"), (name, code)
                assert "{emergency_number}" in reply.say[code]


disguises = st.sampled_from(
    [
        str.upper,
        str.lower,
        fold,
        lambda text: text + " !!!",
        lambda text: "  " + text.rstrip(".?!"),
        lambda text: text.replace("'", "’"),
        lambda text: "Hello. " + text,
        lambda text: "Merci beaucoup pour votre aide. " + text,
        lambda text: "İyi günler. " + text + ". Teşekkürler",
        lambda text: text + " 🙏",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ALARMS), disguises, disguises)
def test_an_emergency_stays_one_in_any_disguise(alarm, first, second):
    assert CATALOGUE.match(second(first(alarm[2]))) is not None


@settings(deadline=None)
@given(st.text())
def test_any_text_at_all_is_read_without_failing(text):
    CATALOGUE.match(text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_rules_alone_find_most_training_emergencies_and_alarm_at_hardly_anything_else(code):
    """What remains is a figure of speech or a thing long past: that costs a patient one kind warning.

    One other sentence in sixteen was written to deceive these rules. The classifier doubts most that is left.
    """
    lines = [
        (entry["intent"] == "emergency", line[2:])
        for path in (ROOT / "data" / "nlu" / code).glob("*.yml")
        for entry in yaml_files.read(path)["nlu"]
        for line in entry["examples"].splitlines()
    ]
    found = [(emergency, text) for emergency, text in lines if CATALOGUE.match(text)]
    missed = {text for emergency, text in lines if emergency} - {text for _, text in found}
    false = [text for emergency, text in found if not emergency]
    assert len(missed) <= 0.1 * sum(emergency for emergency, _ in lines), missed
    assert len(false) <= 0.01 * len(lines), false


@pytest.mark.parametrize(
    "text, rule",
    [
        ("leg", "a.word"),
        ("legs", None),
        ("ankles", "a.start"),
        ("yorulursa", "a.end"),
        ("hip very and truly sore", "a.gap"),
        ("hip sore", "a.gap"),
        ("hip one two three four sore", None),
        ("hip. sore", None),
        ("shin", "a.word"),
        ("no leg", None),
        ("hip is no sore", None),
        ("shin and no leg", "a.word"),
    ],
)
def test_what_a_term_stands_for(text, rule):
    terms = {"word": "leg|shin", "start": "ankle*", "end": "*ursa", "gap": "hip .. sore", "negated": "no leg|sore"}
    rules = [Rule(f"a.{name}", "m", ((name,),), 0, (), {}) for name in terms if name != "negated"]
    match = RedFlags(rules, {name: {"en": [term]} for name, term in terms.items()}).match(text)
    assert (match and match.id) == rule


@pytest.mark.parametrize(
    "concepts, rules, complaint",
    [
        ("legs: {en: [leg]}", "- {id: a.b, meaning: m, all: [arms], examples: {}}", "unknown concept 'arms'"),
        ("legs: {en: [Leg]}", "- {id: a.b, meaning: m, all: [legs], examples: {}}", "lower case"),
        ("legs: {en: [.. leg]}", "- {id: a.b, meaning: m, all: [legs], examples: {}}", "begin and end with a word"),
        ("legs: {en: []}", "- {id: a.b, meaning: m, all: [legs], examples: {}}", "no terms"),
        ("legs: {en: [leg]}", "- {id: a.b, all: [legs], examples: {}}", "meaning"),
        ("legs: {en: [leg", "- {}", "cannot read"),
    ],
)
def test_a_malformed_catalogue_is_an_error_that_says_where(tmp_path, concepts, rules, complaint):
    (tmp_path / "concepts.yml").write_text(concepts)
    (tmp_path / "rules.yml").write_text(rules)
    with pytest.raises(CatalogueError, match=complaint):
        RedFlags.load(tmp_path)


def test_the_words_of_an_emergency_tell_their_language():
    told = [(code, CATALOGUE.language(text)) for _, code, text in ALARMS]
    assert not [pair for pair in told if pair[1] not in (pair[0], None)]
    assert sum(found is None for _, found in told) < len(told) / 50
    assert CATALOGUE.language("hello") is None
