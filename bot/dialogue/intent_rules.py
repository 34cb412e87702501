"""Rasa's rules with the same predictions, found in less time: a patient waits for two of them in each turn."""
from __future__ import annotations

from collections import defaultdict
from typing import Any, Dict, List, Optional, Set, Text, Tuple

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_Key = Tuple[Optional[Text], Optional[Text]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class IntentRules(RulePolicy):
    """RulePolicy that looks only at rules which end like the conversation does: with the same action and intent.

    It leaves out the pass over all rules that looks for one on the very text of the message; ours have intents only.
    """

    # Of a loaded policy: by the table of rules, those that end alike; and how many states the longest has.
    _ending: Optional[Dict[int, Dict[_Key, List[Text]]]] = None
    _longest = 0

    @classmethod
    def load(cls, *args: Any, **kwargs: Any) -> IntentRules:
        """Loads the trained rules and sorts them by their ends."""
        policy: IntentRules = super().load(*args, **kwargs)  # type: ignore[assignment]
        policy._ending = {}
        for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH):
            rules = policy.lookup.get(name, {})
            ending = policy._ending[id(rules)] = defaultdict(list)
            for rule in rules:
                states = policy._rule_key_to_state(rule)
                ending[_end(states[-1])].append(rule)
                policy._longest = max(policy._longest, len(states))
        return policy

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: Optional[Dict[Text, Any]] = None,
    ) -> List[State]:
        """Returns the latest states of the conversation: no rule looks further back than the longest."""
        if not self._longest:
            return super()._prediction_states(tracker, domain, use_text_for_last_user_input, rule_only_data)
        left = sum(isinstance(event, ActionExecuted) for event in tracker.applied_events()) + 1
        states = []
        for before, _ in tracker.generate_all_prior_trackers():  # one tracker, which goes through the conversation
            if left <= self._longest:
                states.append(domain._clean_state(domain.get_active_state(before)))
            left -= 1
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[Text], Optional[Text], bool]:
        if use_text_for_last_user_input and not tracker.active_loop_name:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _get_possible_keys(self, lookup: Dict[Text, Text], states: List[State]) -> Set[Text]:
        ending = (self._ending or {}).get(id(lookup))
        if ending is None or not states:
            return super()._get_possible_keys(lookup, states)
        action, intent = _end(states[-1])
        fitting = [*ending.get((action, intent), ()), *(ending.get((action, None), ()) if intent else ())]
        return super()._get_possible_keys({rule: lookup[rule] for rule in fitting}, states)


def _end(state: State) -> _Key:
    """Returns the action that a state follows and the intent it has; a rule without an intent is for all of them."""
    action, user = state.get(PREVIOUS_ACTION) or {}, state.get(USER) or {}
    return action.get(ACTION_NAME), user.get(INTENT)  # type: ignore[return-value]
