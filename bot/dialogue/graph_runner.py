"""Runs a trained graph one component after the other, as Rasa does, without planning anew for every message.

Rasa hands each message and each prediction, three a turn, to dask, which orders a graph of a dozen nodes from scratch.
The graph never changes once it is loaded: its order is found once.
"""
from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class SequentialGraphRunner(DaskGraphRunner):
    """Takes the place of the runner that a model was loaded with."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._graph_schema, self._instantiated_nodes = loaded._graph_schema, loaded._instantiated_nodes
        self._execution_context = loaded._execution_context
        self._order = lru_cache(maxsize=None)(self._in_order)

    def run(self, inputs: Optional[Dict[Text, Any]] = None, targets: Optional[List[Text]] = None) -> Dict[Text, Any]:
        """Returns the outputs of `targets` by name; see the parent class.

        Raises:
            GraphRunError: a component failed with a RuntimeError.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        results = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in self._order(wanted):
                results[name] = self._instantiated_nodes[name](*(results[need] for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(results[name] for name in wanted)

    def _in_order(self, targets: Tuple[Text, ...]) -> List[Tuple[Text, List[Text]]]:
        """Returns the nodes that `targets` need, each after those it needs itself, with the names of these."""
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        found: Dict[Text, List[Text]] = {}

        def visit(name: Text) -> None:
            if name in nodes and name not in found:
                needs = list(nodes[name].needs.values())
                for need in needs:
                    visit(need)
                found[name] = needs

        for name in nodes:
            visit(name)
        return list(found.items())
