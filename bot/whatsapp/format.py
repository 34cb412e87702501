"""The assistant's words as WhatsApp shows them: its own marks for bold and italic, and pieces that fit.

WhatsApp counts Unicode code points, as `len` does here.
"""
from __future__ import annotations

import re
from typing import List, Tuple

_RULES: Tuple[Tuple["re.Pattern[str]", str], ...] = (
    (re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE), r"**\1**"),
    (re.compile(r"^(\s*)[-*+]\s+(?=\S)", re.MULTILINE), r"\1• "),
    (re.compile(r"(?<![\w*])\*(?![\s*])([^*\n]+?)(?<![\s*])\*(?![\w*])"), r"_\1_"),
    (re.compile(r"\*\*(?!\s)([^*\n]+?)(?<!\s)\*\*"), r"*\1*"),
    (re.compile(r"(?<!\w)__(?!\s)([^_\n]+?)(?<!\s)__(?!\w)"), r"*\1*"),
    (re.compile(r"~~(?!\s)([^~\n]+?)(?<!\s)~~"), r"~\1~"),
    (re.compile(r"\[(https?://[^\]\s]+)\]\(\1\)"), r"\1"),
    (re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)"), r"\1: \2"),
)
# Where a text may be cut, best first: between paragraphs, lines, sentences, words.
_CUTS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…:;])[\"»”)]*\s+"), re.compile(r"\s+"))


def whatsapp(markdown: str) -> str:
    """Returns `markdown` with WhatsApp's marks: *bold*, _italic_, ~struck~, • lists, links in clear."""
    for pattern, replacement in _RULES:
        markdown = pattern.sub(replacement, markdown)
    return markdown.strip()


def split(text: str, limit: int) -> List[str]:
    """Returns `text` in pieces of at most `limit` characters, cut where a reader would pause; nothing is lost but space."""
    pieces, rest = [], text.strip()
    while len(rest) > limit:
        end, start = _cut(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    return [*pieces, rest] if rest else pieces


def _cut(text: str, limit: int) -> Tuple[int, int]:
    """Returns where the first piece of `text` ends and where the next begins."""
    for cut in _CUTS:
        ends = [match.span() for match in cut.finditer(text, 0, limit + 1) if 0 < match.start() <= limit]
        if ends and ends[-1][0] >= limit // 3:  # a short first piece reads worse than a cut at a lesser pause
            return ends[-1]
    return limit, limit
