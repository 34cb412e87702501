"""What was made faster than Rasa's own gives the same."""
import copy

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue import shortcuts
from bot.dialogue.graph_runner import SequentialGraphRunner
from bot.dialogue.intent_rules import IntentRules

LISTEN = ActionExecuted("action_listen")


@pytest.fixture(scope="module")
def processor(understanding):
    return understanding._processor


@pytest.fixture(scope="module")
def rules(processor):
    nodes = processor.graph_runner._instantiated_nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, IntentRules))


def test_a_rule_is_found_by_its_end_as_by_looking_at_all(processor, rules):
    domain, found = processor.domain, 0
    said = [UserUttered("x", {"name": intent}) for intent in domain.intents]
    ways = [
        [[LISTEN, each] for each in said],
        [[LISTEN, each, ActionExecuted(f"utter_{each.intent['name']}")] for each in said],
        [[LISTEN, said[0], LISTEN, SlotSet("language", "fr"), each] for each in said],
        [[*[LISTEN, said[1], ActionExecuted("utter_talk_to_human")] * 3, LISTEN, each] for each in said],
        [[ActiveLoop("request_form"), SlotSet("requested_slot", "request_name"), LISTEN, each] for each in said],
        [[], [LISTEN]],
    ]
    for events in (events for way in ways for events in way):
        tracker = DialogueStateTracker.from_events("rules", events, domain.slots)
        known = {"rule_only_data": rules._get_rule_only_data()}
        every, latest = (kind._prediction_states(rules, tracker, domain, **known) for kind in (RulePolicy, IntentRules))
        assert latest == every[-rules._longest :]
        expected = RulePolicy._get_possible_keys(rules, rules.lookup[RULES], every)
        assert rules._get_possible_keys(rules.lookup[RULES], latest) == expected
        found += bool(expected)
    assert found > 100  # or they would agree on nothing


@pytest.mark.parametrize("text", ["What are the risks?", "je ne sens plus mes jambes", "fiyatı ne, ne zaman çıkarım?", ""])
def test_the_graph_gives_the_same_without_being_planned_anew(processor, text):
    target = processor.model_metadata.nlu_target
    given = {
        PLACEHOLDER_MESSAGE: [UserMessage(text)],
        PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("graph", []),
    }
    theirs = processor.graph_runner.run(inputs=given, targets=[target])[target][0]
    ours = SequentialGraphRunner(processor.graph_runner).run(inputs=given, targets=[target])[target][0]
    assert ours.get("intent") == theirs.get("intent") and ours.get("intents") == theirs.get("intents")
    assert ours.get("language") == theirs.get("language")


@pytest.mark.parametrize(
    ("result", "valid"),
    [
        ({"events": [{"event": "slot", "name": "language", "value": "fr"}], "responses": [{"text": "x"}]}, True),
        ({"events": [], "responses": [{"response": "utter_greet"}]}, True),
        ({"events": [{"event": "no such event"}], "responses": []}, False),
        ({"events": [{"name": "language"}], "responses": []}, False),
        ({"events": {}, "responses": [1]}, False),
    ],
)
def test_an_answer_of_the_action_server_is_checked_as_rasa_does(result, valid):
    def passes(check):
        try:
            return check(result)
        except jsonschema.ValidationError:
            return False

    theirs = jsonschema.validators.validator_for({})(RemoteAction.action_response_format_spec()).is_valid(result)
    assert theirs == passes(shortcuts.is_valid) == valid


def test_a_copied_slot_is_like_the_slot_and_apart_from_it(processor):
    for slot in processor.domain.slots:
        theirs, ours = copy.copy(slot), shortcuts.copied(slot)
        assert type(ours) is type(theirs) and vars(ours) == vars(theirs)
        ours.value = "changed"
        assert slot.value != "changed"


def test_an_empty_domain_is_told_from_a_full_one_each_time(processor):
    for domain, empty in ((processor.domain, False), (Domain.empty(), True)):
        assert [shortcuts.is_empty(domain), shortcuts.is_empty(domain)] == [empty, empty]
