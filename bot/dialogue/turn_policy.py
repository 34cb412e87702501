"""What happens next where one rule is not enough: emergencies, several questions, and words that need the last answer.

Deterministic and never trained. It speaks up only for the cases below and leaves every other turn to the rules in
data/stories/:

1. An emergency wins in every state, over forms and rules, and nothing follows it in that turn.
2. Several questions in one message are answered one after the other.
3. "Simpler", "where is that from", "tell me more" and a "yes" after an answer are about the last answer given; the
   button "simpler" below an answer is about that one.
"""
from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.answers import Catalogue
from bot.nlu.properties import ABOUT, INTENTS, RED_FLAG
from bot.nlu.red_flags import response
from bot.settings import ANSWERS, settings

_ANSWER = "utter_faq_"
_VERSIONS = ("_simple", "_sources")
# Rules that run actions besides one reply, or start a form, close the turn: nothing can follow them.
_LAST = ("request_appointment", "change_appointment")


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
        plan = self._plan(tracker)
        if not plan:
            return self._prediction(self._default_predictions(domain))
        done = len(list(_actions_of_this_turn(tracker)))
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action([*plan, ACTION_LISTEN_NAME][min(done, len(plan))])] = 1.0
        return self._prediction(probabilities, is_no_user_prediction=True)

    def _plan(self, tracker: DialogueStateTracker) -> List[str]:
        """Returns the actions of this turn in order, or none where the rules decide."""
        message = tracker.latest_message
        if message is None or not message.intent:
            return []
        intent = message.intent.get("name")
        if intent == "emergency":
            return [response((message.parse_data or {}).get(RED_FLAG))]
        intents = [entry["name"] for entry in (message.parse_data or {}).get(INTENTS) or ()]
        if len(intents) > 1:
            intents.sort(key=lambda name: name in _LAST)
            return [f"utter_{name}" for name in intents]
        if intent in ("repeat_or_simplify", "ask_sources", "tell_more", "affirm"):
            said = _before_this_turn(tracker)
            return self._about_last_answer(str(intent), [*said, *tracker.get_latest_entity_values(ABOUT)])
        return []

    def _about_last_answer(self, intent: str, said: List[str]) -> List[str]:
        last = said[-1] if said else ""
        topic = next((topic for topic in map(_topic, reversed(said)) if topic), None)
        if intent == "affirm":  # "yes" takes up a suggestion only where the answer is the last thing said
            intent, topic = "tell_more", _topic(last)
        if intent == "repeat_or_simplify" and last and not _topic(last) and last != "utter_feedback_negative":
            return [last]
        if topic is None:
            return []
        if intent == "repeat_or_simplify":
            return [f"utter_{topic}_simple"]
        if intent == "ask_sources":
            return [f"utter_{topic}_sources"]
        fresh = [name for name in self._next[topic] if f"utter_{name}" not in said]
        return [f"utter_{fresh[0]}"] if fresh else []


def _topic(action: str) -> Optional[str]:
    """Returns the intent that `action` answers, or None if it is no answer to a topic."""
    if not action.startswith(_ANSWER):
        return None
    for version in _VERSIONS:
        action = action[: -len(version)] if action.endswith(version) else action
    return action[len("utter_") :]


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
    events = list(tracker.events)
    last = max((i for i, event in enumerate(events) if isinstance(event, UserUttered)), default=len(events))
    return [str(event.action_name) for event in events[:last] if _said(event)]
