"""How ordinary sentences of no patient fare: `python -m benchmarks.everyday en-tr sentences.tsv [--show]`.

The file holds pairs of short everyday sentences, one a line, the languages between tabs in the order of the first
argument, as tatoeba.org's are given out (CC BY 2.0 FR); it is not shipped with this project, and nothing is learnt from
it. They tell, and ask nothing of us: an alarm is a mistake, but for the few that an emergency would say as well
("I can't breathe"). `--show` prints those that alarm, for a person to judge.
"""
from __future__ import annotations

import random
import sys
from pathlib import Path

from bot.evaluation.measures import EMERGENCY
from bot.understanding import Understanding

_SAMPLE = 2000
_SEED = 1


def main() -> None:
    """Prints for each language the shares of sentences that alarm, that are warned of, and that get a topic's answer."""
    codes, lines = sys.argv[1].split("-"), Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    understanding = Understanding.load()
    for column, code in enumerate(codes):
        sentences = sorted({line.split("\t")[column].strip() for line in lines if line.count("\t") >= column})
        sample = random.Random(_SEED).sample(sentences, min(_SAMPLE, len(sentences)))
        results = list(understanding.parse(sample))
        alarms = [result["text"] for result in results if result["intent"] == EMERGENCY]
        counts = {
            "alarm": len(alarms),
            "warned": sum(bool(result["doubted"]) for result in results),
            "topics": sum(str(result["intent"]).startswith("faq_") for result in results),
        }
        shares = ", ".join(f"{100 * count / len(sample):.1f} % {name}" for name, count in counts.items())
        print(f"{code}: {len(sample)} sentences, {shares}")
        if "--show" in sys.argv:
            print(*(f"    {text}" for text in alarms), sep="\n")


if __name__ == "__main__":
    main()
