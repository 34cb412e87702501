"""The answer to a topic as a file of data/answers has it, letter for letter, so that an edit is a small diff."""
from __future__ import annotations

import difflib
import hashlib
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping

from bot.answers import TEXTS, Answer

Entry = Dict[str, Any]  # of a topic: title, question, facts, next, full, simple


def write(topic: str, entry: Mapping[str, Any]) -> str:
    """Returns the lines of a topic."""
    lines = [f"{topic}:"]
    for field in ("title", "question"):
        lines.append(f"  {field}: {{{', '.join(f'{code}: {_quoted(text)}' for code, text in entry[field].items())}}}")
    lines.append("  facts:")
    for number, fact in sorted(entry["facts"].items(), key=lambda item: int(item[0])):
        differ = ", differ: true" if fact.get("differ") else ""
        lines.append(f"    {number}: {{say: {_quoted(fact['say'])}, from: [{', '.join(fact['from'])}]{differ}}}")
    lines.append(f"  next: [{', '.join(entry['next'])}]")
    for field in ("full", "simple"):
        lines.append(f"  {field}:")
        for code, text in entry[field].items():
            lines += [f"    {code}: |", *(f"      {line}" for line in text.strip().split("\n"))]
    return "\n".join(lines) + "\n"


def tidy(entry: Mapping[str, Any]) -> Entry:
    """Returns `entry` without what makes no difference: spaces, empty lines, the order of keys."""
    lines = {field: {code: _lines(text) for code, text in entry[field].items()} for field in ("full", "simple")}
    short = {field: {code: " ".join(text.split()) for code, text in entry[field].items()} for field in ("title", "question")}
    facts = {
        int(number): {
            "say": " ".join(fact["say"].split()),
            "from": sorted(fact["from"]),
            "differ": bool(fact.get("differ")),
        }
        for number, fact in entry["facts"].items()
    }
    return {**short, "facts": facts, "next": list(entry["next"]), **lines}


def of(answer: Answer) -> Entry:
    """Returns the entry of `answer`."""
    facts = {n: {"say": fact.say, "from": fact.sources, "differ": fact.differ} for n, fact in answer.facts.items()}
    return tidy({"facts": facts, "next": answer.next, **{field: getattr(answer, field) for field in TEXTS}})


def digest(answer: Answer) -> str:
    """Returns a hash of everything `answer` says."""
    return hashlib.sha256(write(answer.intent, of(answer)).encode()).hexdigest()


def diff(folder: Path, changed: Mapping[str, Entry], root: Path) -> str:
    """Returns what `git apply` needs to put the `changed` topics into the files of `folder`, below `root`."""
    parts: List[str] = []
    for path in sorted(folder.glob("*.yml")):
        old = path.read_text(encoding="utf-8")
        new = "".join(_with(old, changed))
        name = path.relative_to(root).as_posix()
        lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{name}", f"b/{name}")
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(parts)


def _with(text: str, changed: Mapping[str, Entry]) -> Iterator[str]:
    """Yields the lines of `text`, those of a topic that is `changed` replaced."""
    skipping = False
    for line in text.splitlines(True):
        if not line.startswith((" ", "\n")):
            topic = line.split(":", 1)[0]
            skipping = topic in changed
            if skipping:
                yield write(topic, changed[topic])
        if not skipping:
            yield line


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lines(text: str) -> str:
    kept = (" ".join(line.split()) for line in text.splitlines())
    return "".join(f"{line}\n" for line in kept if line)
