"""Step 3: does the message hold a red flag? Deterministic, and before everything that could be unsure."""
from __future__ import annotations

import logging
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.properties import RED_FLAG
from bot.nlu.red_flags import RedFlags
from bot.settings import RED_FLAGS

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RedFlagDetector(GraphComponent):
    """Sets the message property `red_flag` to the id of the first rule of data/red_flags/ that matches, or None."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults: there is nothing to set, safety is not a matter of configuration."""
        return {}

    def __init__(self) -> None:
        self._red_flags = RedFlags.load(RED_FLAGS)

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> RedFlagDetector:
        """Creates the component; raises CatalogueError if the rules are malformed."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets `red_flag` on each message, and logs the rule's id, never the words."""
        for message in messages:
            rule = self._red_flags.match(message.get(TEXT) or "")
            message.set(RED_FLAG, rule.id if rule else None, add_to_output=True)
            if rule:
                logger.warning("red flag %s", rule.id)
        return messages
