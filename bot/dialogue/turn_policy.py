"""What happens next where one rule is not enough: emergencies, several questions, and words that need the last answer.

Deterministic and never trained. It speaks up only for the cases below and leaves every other turn to the rules in
data/stories/:

1. An emergency wins in every state, over forms and rules, and nothing follows it in that turn. Before the answer to a
   message that may yet be one stands what to do if it is happening now.
2. Several questions in one message are answered one after the other.
3. While a request is being made, what plainly answers the form goes to the form, a question is answered before the form
   goes on, and "stop" ends it.
4. "Simpler", "where is that from", "tell me more" and a "yes" after an answer are about the last answer given; the
   button "simpler" below an answer is about that one.
5. While a person has the conversation the assistant listens, and speaks in an emergency only.
6. A "yes" to "nobody came, shall you be called?" is a yes to the call, though the assistant said it between two turns.
"""
from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Text, Tuple

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.answers import Catalogue, topic_of
from bot.nlu.properties import ABOUT, BY_WORDS, DOUBTED, INTENTS, MISSED_AT, RED_FLAG, WITH_A_PERSON
from bot.nlu.red_flags import response
from bot.scheduling import hours, references
from bot.scheduling.form import FORM, by_chat
from bot.scheduling.reading import Heard, Reading, read
from bot.settings import ANSWERS, settings
from bot.store import requests

# What several intents lead to is a reply; these lead on, so one of them closes the turn.
_LAST = {
    "talk_to_human": "action_hand_over",
    "request_appointment": "action_request_appointment",
    "change_appointment": "action_change_appointment",
    "erase_my_data": "utter_erase_my_data",
}
_CLOSING = (
    *(FORM, "action_finish_request", "action_request_appointment", "action_change_appointment", "action_hand_over"),
    *("action_withdraw_request", "action_request_callback", "action_pass_question_on"),
)
# In the middle of a form: what ends it, and what is answered before it goes on.
_ENDS = {
    "stop": "utter_request_stopped",
    "goodbye": "utter_request_stopped",
    "talk_to_human": "action_hand_over",
    "erase_my_data": "utter_erase_my_data",
}
_MEANWHILE = {"uncovered_medical_question": "utter_request_meanwhile", "personal_medical_advice": "utter_request_meanwhile"}
_ANSWERED = ("privacy", "clinic_contact", "bot_challenge", "capabilities")
_IN_CASE = "utter_in_case"
_FIRST = {f"feedback_{verdict}": ["action_record_feedback"] for verdict in ("positive", "negative")}  # about the last answer
_NO_EMERGENCY = ("request_name", "request_caller", "request_contact", "request_when")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class TurnPolicy(Policy):
    """Predicts the actions of a turn that depend on more than the message's one intent."""

    @staticmethod
    def supported_data() -> SupportedData:
        """Returns that it learns from neither stories nor rules."""
        return SupportedData.ML_AND_RULE_DATA

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults: a priority above that of the rules (6), which makes emergencies win over forms."""
        return {"priority": 10}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, context: ExecutionContext):
        super().__init__(config, storage, resource, context)
        self._next = {
            intent: answer.next
            for intent, answer in Catalogue.load(ANSWERS, settings().clinic.languages).answers.items()
        }

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> TurnPolicy:
        """Creates the policy."""
        return cls(config, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TurnPolicy:
        """Creates the policy: a trained one is no other."""
        return cls.create(config, model_storage, resource, execution_context)

    def train(self, *args: Any, **kwargs: Any) -> Resource:
        """Returns at once: there is nothing to learn."""
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, *args: Any, **kwargs: Any
    ) -> PolicyPrediction:
        """Returns certainty for the next action of the turn, or no opinion (all zero)."""
        plan, actions = self._plan(tracker), list(_actions_of_this_turn(tracker))
        if not plan and not any(action in _CLOSING for action in actions):
            return self._prediction(self._default_predictions(domain))
        done = len(actions) if plan else 0  # actions that name their successor are followed by nothing else
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action([*plan, ACTION_LISTEN_NAME][min(done, len(plan))])] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True)

    def _plan(self, tracker: DialogueStateTracker) -> List[str]:
        """Returns the actions of this turn in order, or none where the rules decide."""
        message = tracker.latest_message
        if message is None or not message.intent:
            return []
        plan, doubted = self._replies(message, tracker), (message.parse_data or {}).get(DOUBTED)
        if not doubted or (doubted == BY_WORDS and plan[:1] == [FORM]):  # a day, a name: words that say little alone
            return plan
        intent = str(message.intent["name"])
        return [_IN_CASE, *plan] if plan else [*_FIRST.get(intent, ()), _IN_CASE, _LAST.get(intent, f"utter_{intent}")]

    def _replies(self, message: UserUttered, tracker: DialogueStateTracker) -> List[str]:
        intent = message.intent.get("name")
        flag, (form, asked) = (message.parse_data or {}).get(RED_FLAG), _form_before_this_turn(tracker)
        if (message.metadata or {}).get(WITH_A_PERSON):
            return [response(flag) if intent == "emergency" else ACTION_LISTEN_NAME]
        answer = self._answer(message, asked, tracker) if form else Reading()
        if intent == "emergency" and (flag or not (asked in _NO_EMERGENCY and _plainly(answer, message))):
            return [response(flag)]
        intents = [entry["name"] for entry in (message.parse_data or {}).get(INTENTS) or ()]
        if form:
            return self._in_form(str(intent), intents or [str(intent)], answer)
        if intent == "affirm" and _offered_a_call(tracker):
            return ["action_request_callback"]
        if _names_a_request(message.text or ""):
            return ["action_change_appointment"]
        if len(intents) > 1:
            closing = [_LAST[name] for name in _LAST if name in intents]
            return [*(f"utter_{name}" for name in intents if name not in _LAST), *closing[:1]]
        if intent in ("repeat_or_simplify", "ask_sources", "tell_more", "affirm"):
            said = _before_this_turn(tracker)
            return self._about_last_answer(str(intent), [*said, *tracker.get_latest_entity_values(ABOUT)])
        return []

    @staticmethod
    def _answer(message: UserUttered, asked: Optional[str], tracker: DialogueStateTracker) -> Reading:
        """Returns what the message says in answer to the form, by its words or its button."""
        clinic, text = settings().clinic, message.text or ""
        choice = next((e["value"] for e in message.entities if e["entity"] == "choice"), None)
        confidence = message.intent.get("confidence") or 0.0
        spoken = tracker.get_slot("language") or clinic.default_language
        button = text.startswith("/")
        chat = by_chat(tracker.get_latest_input_channel(), tracker.get_slot("request_kind"))
        heard = Heard("" if button else text, spoken, message.intent["name"], confidence, choice if button else None, chat)
        return read(asked, heard, clinic, hours.now(clinic).date())

    @staticmethod
    def _in_form(intent: str, intents: List[str], answer: Reading) -> List[str]:
        """Returns the turn's actions while a request is being made; the form comes last and asks its question again."""
        if answer:
            return [FORM]
        if intent in _ENDS:
            return ["action_deactivate_loop", _ENDS[intent]]
        replies = [
            _MEANWHILE.get(name, f"utter_{name}")
            for name in intents
            if name.startswith("faq_") or name in _MEANWHILE or name in _ANSWERED
        ]
        return [*replies, FORM]

    def _about_last_answer(self, intent: str, said: List[str]) -> List[str]:
        last = said[-1] if said else ""
        topic = next(filter(None, map(topic_of, reversed(said))), None)
        if intent == "affirm":  # "yes" takes up a suggestion only where the answer is the last thing said
            intent, topic = "tell_more", topic_of(last)
        if intent == "repeat_or_simplify" and last and not topic_of(last) and last != "utter_feedback_negative":
            return [last]
        if topic is None:
            return []
        if intent == "repeat_or_simplify":
            return [f"utter_{topic}_simple"]
        if intent == "ask_sources":
            return [f"utter_{topic}_sources"]
        fresh = [name for name in self._next[topic] if f"utter_{name}" not in said]
        return [f"utter_{fresh[0]}"] if fresh else []


def _form_before_this_turn(tracker: DialogueStateTracker) -> Tuple[bool, Optional[str]]:
    """Returns whether the form was active when the patient wrote, and the slot it had asked for."""
    active, asked = None, None
    for event in _events_before_this_turn(tracker):
        if isinstance(event, ActiveLoop):
            active = event.name
        elif isinstance(event, SlotSet) and event.key == "requested_slot":
            asked = event.value
    return active == FORM, asked


def _names_a_request(text: str) -> bool:
    """Whether a reference stands in `text`: what can be nothing else, or what is in the database."""
    return bool(references.written(text)) or any(map(requests.find, references.possible(text)))


def _offered_a_call(tracker: DialogueStateTracker) -> bool:
    """Whether the last thing the patient was told is that nobody came, which the worker says, and the offer of a call."""
    message = tracker.latest_message
    missed_at = (message.metadata or {}).get(MISSED_AT) if message else None
    wrote_at = [event.timestamp for event in _events_before_this_turn(tracker) if isinstance(event, UserUttered)]
    return bool(missed_at) and (not wrote_at or wrote_at[-1] < missed_at)


def _plainly(answer: Reading, message: UserUttered) -> bool:
    """Whether the message is no more than an answer to the form, if only one that does not do ("last night")."""
    return bool(answer.values or (answer.problem and len((message.text or "").split()) <= 2))


def _said(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and str(event.action_name).startswith("utter_")


def _actions_of_this_turn(tracker: DialogueStateTracker) -> Iterator[str]:
    """Yields the actions since the last message of the patient, latest first."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return
        if isinstance(event, ActionExecuted) and event.action_name != "action_extract_slots":
            yield str(event.action_name)


def _before_this_turn(tracker: DialogueStateTracker) -> List[str]:
    """Returns what was said before the last message of the patient, in order."""
    return [str(event.action_name) for event in _events_before_this_turn(tracker) if _said(event)]


def _events_before_this_turn(tracker: DialogueStateTracker) -> List[Event]:
    events = list(tracker.events)
    last = max((i for i, event in enumerate(events) if isinstance(event, UserUttered)), default=len(events))
    return events[:last]
