"""The trained pipeline by itself: questions in, what is understood out. No dialogue, no server."""
from __future__ import annotations

from itertools import islice, tee
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, Optional

from bot.errors import ModelError

_BATCH = 64
_KEYS = ("language", "intent_ranking", "intents", "red_flag", "doubted")


class Understanding:
    """A loaded model, used for its NLU only."""

    def __init__(self, agent: Any) -> None:
        self._processor = agent.processor

    @classmethod
    def load(cls, path: Path | None = None) -> Understanding:
        """Returns the model at `path`, by default the one for the present data.

        Raises:
            ModelError: there is none; train first.
        """
        from rasa.core.agent import Agent

        if path is None:
            from bot.cli.training import model_path

            path = model_path()
        if not path.exists():
            raise ModelError("there is no model for the present data; run 'bot train' first")
        return cls(Agent.load(str(path)))

    def parse(self, texts: Iterable[str], *, after: Optional[str] = None) -> Iterator[Dict[str, Any]]:
        """Yields for each text: text, language, intent, confidence, intent_ranking, intents, red_flag, doubted.

        `after` is the topic that was answered just before.
        """
        texts, read = tee(texts)
        for text, message in zip(texts, self.messages(read, after=after)):
            intent = message.get("intent") or {}
            yield {
                "text": text,
                "intent": intent.get("name"),
                "confidence": intent.get("confidence"),
                **{key: message.get(key) for key in _KEYS},
            }

    def messages(self, texts: Iterable[str], *, after: Optional[str] = None) -> Iterator[Any]:
        """Yields each text as the message that the pipeline leaves, with all its properties; `after` as in `parse`."""
        remaining = iter(texts)
        while batch := list(islice(remaining, _BATCH)):
            yield from self._run(batch, after)

    def _run(self, texts: list, after: Optional[str]) -> list:
        from rasa.core.channels.channel import UserMessage
        from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
        from rasa.shared.core.events import ActionExecuted
        from rasa.shared.core.trackers import DialogueStateTracker

        before = [ActionExecuted(f"utter_{after}")] if after else []
        target = self._processor.model_metadata.nlu_target
        results = self._processor.graph_runner.run(
            inputs={
                PLACEHOLDER_MESSAGE: [UserMessage(text) for text in texts],
                PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("parse", before),
            },
            targets=[target],
        )
        return results[target]
