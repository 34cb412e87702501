"""What follows a message where the rules are not enough."""
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.shared.core.events import ActionExecuted, ActiveLoop, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.turn_policy import TurnPolicy
from bot.importer import AssistantImporter
from bot.settings import ROOT


@pytest.fixture(scope="module")
def domain():
    return AssistantImporter(domain_path=str(ROOT / "domain.yml")).get_domain()


@pytest.fixture(scope="module")
def policy():
    return TurnPolicy.create(TurnPolicy.get_default_config(), None, None, ExecutionContext(GraphSchema({})))


def asked(*intents, red_flag=None):
    intents = [{"name": name, "confidence": 0.9} for name in intents]
    return UserUttered("text", intents[0], parse_data={"intent": intents[0], "intents": intents, "red_flag": red_flag})


def said(*actions):
    return [*(ActionExecuted(action) for action in actions), ActionExecuted("action_listen")]


def actions(policy, domain, *events):
    """The actions the policy wants until it listens, or [] if it leaves the turn to the rules."""
    tracker = DialogueStateTracker.from_events("web-1", list(events), domain.slots)
    found = []
    while True:
        prediction = policy.predict_action_probabilities(tracker, domain)
        if prediction.max_confidence == 0 or prediction.max_confidence_index == 0:
            return found
        found.append(domain.action_names_or_texts[prediction.max_confidence_index])
        tracker.update(ActionExecuted(found[-1]))


ANSWERED = [asked("faq_getting_up"), *said("utter_faq_getting_up")]


def test_one_question_is_left_to_the_rules(policy, domain):
    assert actions(policy, domain, asked("faq_risks")) == []


def test_several_questions_are_answered_in_order(policy, domain):
    assert actions(policy, domain, asked("faq_cost", "faq_risks")) == ["utter_faq_cost", "utter_faq_risks"]


def test_an_appointment_comes_after_the_questions(policy, domain):
    found = actions(policy, domain, asked("request_appointment", "faq_risks"))
    assert found == ["utter_faq_risks", "utter_request_appointment"]


@pytest.mark.parametrize("before", [[], ANSWERED, [ActiveLoop("appointment_form"), *said("appointment_form")]])
def test_an_emergency_wins_in_every_state(policy, domain, before):
    assert actions(policy, domain, *before, asked("emergency")) == ["utter_emergency"]
    flagged = asked("emergency", red_flag="lungs.blood")
    assert actions(policy, domain, *before, flagged) == ["utter_emergency_lungs"]


def test_an_emergency_overrules_whatever_the_rules_say(policy, domain):
    tracker = DialogueStateTracker.from_events("web-1", [asked("emergency")], domain.slots)
    prediction = policy.predict_action_probabilities(tracker, domain)
    assert prediction.is_no_user_prediction and prediction.policy_priority > 6


@pytest.mark.parametrize(
    "intent, action",
    [
        ("repeat_or_simplify", "utter_faq_getting_up_simple"),
        ("ask_sources", "utter_faq_getting_up_sources"),
        ("tell_more", "utter_faq_hospital_stay"),
        ("affirm", "utter_faq_hospital_stay"),
    ],
)
def test_words_about_the_last_answer(policy, domain, intent, action):
    assert actions(policy, domain, *ANSWERED, asked(intent)) == [action]


@pytest.mark.parametrize("intent", ["repeat_or_simplify", "ask_sources", "tell_more", "affirm"])
def test_before_any_answer_the_rules_decide(policy, domain, intent):
    assert actions(policy, domain, asked(intent)) == []


def test_the_last_answer_is_remembered_over_a_thank_you(policy, domain):
    thanked = [*ANSWERED, asked("thank"), *said("utter_thank")]
    assert actions(policy, domain, *thanked, asked("ask_sources")) == ["utter_faq_getting_up_sources"]
    assert actions(policy, domain, *thanked, asked("affirm")) == []


def test_more_never_repeats_itself(policy, domain):
    told = [*ANSWERED, asked("tell_more"), *said("utter_faq_hospital_stay")]
    [action] = actions(policy, domain, *told, asked("tell_more"))
    assert action not in ("utter_faq_getting_up", "utter_faq_hospital_stay")


def test_again_repeats_what_was_no_answer_to_a_topic(policy, domain):
    told = [asked("clinic_contact"), *said("utter_clinic_contact")]
    assert actions(policy, domain, *told, asked("repeat_or_simplify")) == ["utter_clinic_contact"]


def test_simpler_after_a_complaint_is_about_the_answer(policy, domain):
    told = [*ANSWERED, asked("feedback_negative"), *said("action_record_feedback", "utter_feedback_negative")]
    assert actions(policy, domain, *told, asked("repeat_or_simplify")) == ["utter_faq_getting_up_simple"]
