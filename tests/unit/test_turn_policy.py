"""What follows a message where the rules are not enough."""
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.turn_policy import TurnPolicy
from bot.importer import AssistantImporter
from bot.settings import ROOT
from bot.store import requests


@pytest.fixture(scope="module")
def domain():
    return AssistantImporter(domain_path=str(ROOT / "domain.yml")).get_domain()


@pytest.fixture(scope="module")
def policy():
    return TurnPolicy.create(TurnPolicy.get_default_config(), None, None, ExecutionContext(GraphSchema({})))


def asked(*intents, **parsed):
    intents = [{"name": name, "confidence": 0.9} for name in intents]
    return UserUttered("text", intents[0], parse_data={"intent": intents[0], "intents": intents, **parsed})


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


@pytest.mark.parametrize(
    "text, expected", [("opéré en juin 2023, et maintenant ?", []), ("where is 7KXM-92QP?", ["action_change_appointment"])]
)
def test_a_reference_is_looked_up_and_a_year_is_none(policy, domain, text, expected):
    message = UserUttered(text, {"name": "faq_daily_life", "confidence": 0.9})
    assert actions(policy, domain, message) == expected


def test_a_reference_without_its_hyphen_is_one_if_there_is_such_a_request(policy, domain):
    made, _ = requests.create("web-1", "spelt", "callback", "en", {"name": "Anna Peeters"}, ())
    text = f"please withdraw {made.reference.replace('-', ' ').lower()} for me"
    message = UserUttered(text, {"name": "out_of_scope", "confidence": 0.9})
    assert actions(policy, domain, message) == ["action_change_appointment"]
    requests.forget("web-1")
    assert actions(policy, domain, message) == []


def test_several_questions_are_answered_in_order(policy, domain):
    assert actions(policy, domain, asked("faq_cost", "faq_risks")) == ["utter_faq_cost", "utter_faq_risks"]


def test_an_appointment_comes_after_the_questions(policy, domain):
    found = actions(policy, domain, asked("request_appointment", "faq_risks"))
    assert found == ["utter_faq_risks", "action_request_appointment"]


@pytest.mark.parametrize("before", [[], ANSWERED, [ActiveLoop("request_form"), *said("request_form")]])
def test_an_emergency_wins_in_every_state(policy, domain, before):
    assert actions(policy, domain, *before, asked("emergency")) == ["utter_emergency"]
    flagged = asked("emergency", red_flag="lungs.blood")
    assert actions(policy, domain, *before, flagged) == ["utter_emergency_lungs"]


@pytest.mark.parametrize(
    "before, intents, then",
    [
        ([], ["faq_cost"], ["utter_faq_cost"]),
        ([], ["faq_cost", "faq_risks"], ["utter_faq_cost", "utter_faq_risks"]),
        ([], ["request_appointment"], ["action_request_appointment"]),
        ([ActiveLoop("request_form"), *said("request_form")], ["faq_cost"], ["utter_faq_cost", "request_form"]),
    ],
)
def test_before_the_answer_to_a_doubted_red_flag_stands_what_to_do_in_case(policy, domain, before, intents, then):
    found = actions(policy, domain, *before, asked(*intents, doubted="fainting.unconscious"))
    assert found == ["utter_in_case", *then]


def test_a_verdict_is_recorded_before_anything_else_is_said(policy, domain):
    found = actions(policy, domain, asked("feedback_negative", doubted="classifier"))
    assert found == ["action_record_feedback", "utter_in_case", "utter_feedback_negative"]


def test_what_answers_a_form_is_no_cause_for_a_warning(policy, domain):
    day = asked("out_of_scope", doubted="classifier")
    day.text = "tomorrow morning"
    assert actions(policy, domain, *in_form("request_when"), day) == ["request_form"]


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


def test_of_several_wishes_one_closes_the_turn_after_the_answers(policy, domain):
    found = actions(policy, domain, asked("talk_to_human", "faq_incisions", "request_appointment"))
    assert found == ["utter_faq_incisions", "action_hand_over"]


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


@pytest.mark.parametrize("wrote, intent, expected", [(10.0, "affirm", ["action_request_callback"]), (30.0, "affirm", None)])
def test_yes_after_nobody_came_is_yes_to_the_call(policy, domain, wrote, intent, expected):
    before = asked("faq_getting_up")
    before.timestamp = wrote
    yes = asked(intent)
    yes.metadata = {"missed_at": 20.0}
    found = actions(policy, domain, before, *said("utter_faq_getting_up"), yes)
    assert found == (expected or ["utter_faq_hospital_stay"])


def test_a_no_after_nobody_came_asks_for_nothing(policy, domain):
    no = asked("deny")
    no.metadata = {"missed_at": 20.0}
    assert actions(policy, domain, no) == []


@pytest.mark.parametrize("before", [[], [ActiveLoop("request_form"), SlotSet("requested_slot", "request_name")]])
def test_while_a_person_has_the_conversation_it_speaks_in_an_emergency_only(policy, domain, before):
    for intent, flag, expected in [
        ("faq_risks", None, "action_listen"),
        ("talk_to_human", None, "action_listen"),
        ("emergency", "lungs.blood", "utter_emergency_lungs"),
        ("faq_risks", "doubted", "utter_in_case"),
    ]:
        message = asked(intent, doubted=flag) if flag == "doubted" else asked(intent, red_flag=flag)
        message.metadata = {"with_a_person": True}
        tracker = DialogueStateTracker.from_events("web-1", [*before, message], domain.slots)
        prediction = policy.predict_action_probabilities(tracker, domain)
        assert prediction.max_confidence == 1 and prediction.policy_priority > 6
        assert domain.action_names_or_texts[prediction.max_confidence_index] == expected


def in_form(slot):
    return [ActiveLoop("request_form"), SlotSet("requested_slot", slot), *said("request_form")]


def wrote(text, intent, confidence=0.6):
    message = asked(intent)
    message.text = text
    message.intent = {"name": intent, "confidence": confidence}
    return message


@pytest.mark.parametrize(
    "slot, text, intent",
    [
        ("request_name", "Rose Martin", "faq_specialist"),
        ("request_name", "Krzysztof Wiśniewski", "nlu_other_language"),
        ("request_name", "Ali Duran", "emergency"),
        ("request_contact", "0470 12 34 56", "clinic_contact"),
        ("request_when", "mardi en 8", "out_of_scope"),
        ("request_when", "last monday", "emergency"),
        ("request_reason", "my back since I fell", "faq_vcf_causes"),
    ],
)
def test_what_plainly_answers_the_form_goes_to_it_whatever_its_intent(policy, domain, slot, text, intent):
    assert actions(policy, domain, *in_form(slot), wrote(text, intent)) == ["request_form"]


@pytest.mark.parametrize("slot", ["request_name", "request_contact", "request_when", "request_reason", "request_consent"])
def test_in_the_middle_of_the_form_everything_else_still_works(policy, domain, slot):
    form = in_form(slot)
    question = wrote("what are the risks?", "faq_risks", 0.9)
    assert actions(policy, domain, *form, question) == ["utter_faq_risks", "request_form"]
    stop = actions(policy, domain, *form, wrote("stop", "stop", 0.9))
    assert stop == ["action_deactivate_loop", "utter_request_stopped"]
    person = actions(policy, domain, *form, wrote("can I talk to a person", "talk_to_human", 0.9))
    assert person == ["action_deactivate_loop", "action_hand_over"]
    flagged = asked("emergency", red_flag="lungs.blood")
    flagged.text = "0470 12 34 56 and I cough blood"
    assert actions(policy, domain, *form, flagged) == ["utter_emergency_lungs"]
    worse = wrote("I fell down the stairs yesterday", "emergency")
    assert actions(policy, domain, *form, worse) == ["utter_emergency"]


def test_a_reference_is_looked_up_whatever_else_it_was_taken_for(policy, domain):
    assert actions(policy, domain, wrote("7KXM-92QP", "nlu_fallback")) == ["action_change_appointment"]
