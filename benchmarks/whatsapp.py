"""How fast WhatsApp deliveries are acknowledged while the assistant is busy, and how many it answers in a second.

    python -m benchmarks.whatsapp [patients] [messages of each]

The Graph API is played by a server in this process, which takes its share of the machine.
"""
from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from tests import graph as meta
from tests.conftest import RunningAssistant, _free_port

QUESTIONS = ("How long does the operation take?", "Quels sont les risques ?", "Kemik çimentosu nedir?", "Thank you")


def main() -> None:
    """Measures and prints."""
    patients, each = (int(text) for text in [*sys.argv[1:], *("50", "5")[len(sys.argv) - 1 :]])
    graph = meta.Graph()
    with tempfile.TemporaryDirectory() as folder:
        server = RunningAssistant(
            ASSISTANT_STATE=folder,
            ASSISTANT_PORT=str(_free_port()),
            ASSISTANT_ACTIONS_PORT=str(_free_port()),
            ASSISTANT_CONSOLE_PORT=str(_free_port()),
            **meta.environment(graph),
        )
        server.start()
        try:
            _measure(server.url, graph, [str(32470000000 + n) for n in range(patients)], each)
        finally:
            server.stop()
            graph.close()


def _measure(url: str, graph: meta.Graph, patients: list, each: int) -> None:
    questions = itertools.cycle(QUESTIONS)
    asked = [(patient, next(questions)) for _ in range(each) for patient in patients]

    def bring(what: tuple) -> float:
        started = time.perf_counter()
        meta.Meta(url).says(*what)
        return 1000 * (time.perf_counter() - started)

    for question in QUESTIONS:  # a server is slow until it has answered in each language
        meta.Meta(url).says("32460000000", question)
    graph.wait("32460000000", len(QUESTIONS) + 1, 120)
    began = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        times = list(pool.map(bring, asked))
    for patient in patients:
        graph.wait(patient, each + 1, 600)  # one more: the notice
    seconds = time.perf_counter() - began
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"acknowledged: p50 {statistics.median(times):.0f} ms, p95 {p95:.0f} ms; {len(asked) / seconds:.1f} answers/s")


if __name__ == "__main__":
    main()
