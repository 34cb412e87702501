"""A question without a subject means what fits the last answer; one that says what it is about keeps its own meaning."""
import pytest
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot import follow_ups
from bot.answers import topic_of
from bot.cli import validation
from bot.errors import CatalogueError
from bot.nlu import follow_up
from bot.nlu.properties import CLAUSES, FOLDED, LANGUAGE
from tests.conftest import LANGUAGES

BARE = {
    "en": ["is it dangerous", "And is THAT risky??", "how dangerous is it then", "is it safe for him"],
    "fr": ["c'est dangereux ?", "Et c’est risqué ça", "quels sont les risques", "est ce que c'est pas trop dangereux"],
    "tr": ["tehlikeli mi", "peki bu riskli mi", "TEHLİKELİ Mİ ACABA", "riskleri neler"],
}
NAMED = {
    "en": ["is the surgery dangerous", "risks of cement", "is kyphoplasty safe"],
    "fr": ["l'opération est-elle dangereuse", "les risques du ciment", "la cypho c'est risqué ?"],
    "tr": ["ameliyat tehlikeli mi", "çimentonun riskleri", "kifoplasti riskli mi"],
}


def asked(text, language, *ranking, after, **properties):
    """Returns what `text`, of which `ranking` is what the words alone say, is taken to ask after the actions `after`."""
    entries = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    message = Message({TEXT: text, LANGUAGE: language, INTENT: entries[0], INTENT_RANKING_KEY: entries, **properties})
    tracker = DialogueStateTracker.from_events("x", [UserUttered("..."), *map(ActionExecuted, after), UserUttered(text)])
    [found] = follow_up.FollowUp({"max_words": 8}).process([message], tracker)
    return found


def meant(text, language, after):
    found = asked(text, language, ("faq_risks", 0.8), ("faq_vcf_untreated", 0.1), after=after)
    return found.get(INTENT)


@pytest.mark.parametrize("language, text", [(language, text) for language in LANGUAGES for text in BARE[language]])
def test_what_names_no_subject_is_about_the_last_answer(language, text):
    after = ["utter_faq_kyphoplasty_definition", "action_listen", "utter_faq_vcf_definition", "action_listen"]
    fracture = meant(text, language, after)
    assert fracture == {"name": "faq_vcf_untreated", "confidence": pytest.approx(0.9)}
    assert meant(text, language, ["utter_faq_kyphoplasty_definition_simple"])["name"] == "faq_risks"
    assert meant(text, language, ["utter_greet"])["name"] == meant(text, language, [])["name"] == "faq_risks"


@pytest.mark.parametrize("language, text", [(language, text) for language in LANGUAGES for text in NAMED[language]])
def test_what_names_its_subject_keeps_its_meaning(language, text):
    assert meant(text, language, ["utter_faq_vcf_definition"])["name"] == "faq_risks"


def test_each_question_of_a_message_is_read_so():
    risky = {"name": "faq_risks", "confidence": 0.9}
    clause = Message({TEXT: "is it risky", FOLDED: "is it risky", INTENT: risky, INTENT_RANKING_KEY: [risky]})
    text, after = "is it risky and what does kyphoplasty cost", ["utter_faq_osteoporosis"]
    found = asked(text, "en", ("faq_cost", 0.9), after=after, **{CLAUSES: [clause]})
    assert found.get(INTENT)["name"] == "faq_cost" and found.get(CLAUSES)[0].get(INTENT)["name"] == "faq_osteoporosis"


def test_without_a_conversation_or_in_no_language_nothing_changes():
    message = Message({TEXT: "is it risky", INTENT: {"name": "faq_risks"}, LANGUAGE: "en"})
    assert follow_up.FollowUp({"max_words": 8}).process([message])[0].get(INTENT)["name"] == "faq_risks"
    assert meant("ist es gefährlich", None, ["utter_faq_vcf_definition"])["name"] == "faq_risks"


@pytest.mark.parametrize("text", ["- after: faq_risks", "- after: [faq_risks]", "- [", "3"])
def test_a_malformed_file_is_named(tmp_path, text):
    path = tmp_path / "follow_ups.yml"
    path.write_text(text)
    with pytest.raises(CatalogueError, match="cannot read"):
        follow_ups.read(path)


def test_a_name_that_is_none_is_found_before_a_start(tmp_path, monkeypatch):
    path = tmp_path / "follow_ups.yml"
    path.write_text("- {after: [faq_risks], means: {faq_duration: faq_durations}}")
    monkeypatch.setattr(validation, "FOLLOW_UPS", path)
    with pytest.raises(CatalogueError, match="no topic 'faq_durations'"):
        validation.settings_and_answers()


@pytest.mark.parametrize(
    "response, topic",
    [
        ("utter_faq_risks", "faq_risks"),
        ("utter_faq_risks_simple", "faq_risks"),
        ("utter_faq_risks_sources", "faq_risks"),
        ("utter_greet", None),
    ],
)
def test_the_topic_of_a_response(response, topic):
    assert topic_of(response) == topic
