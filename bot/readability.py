"""How easy a text is to read, by the formula published for its language.

Scores run from about 0 (very hard) to 100 (very easy); about 70 is what a 12-year-old reads with ease.

* English: Flesch, "A new readability yardstick" (1948): 206.835 - 1.015 W/S - 84.6 Y/W
* French: Kandel and Moles (1958), Flesch refitted: 207 - 1.015 W/S - 73.6 Y/W
* Turkish: Ateşman, "Türkçede okunabilirliğin ölçülmesi" (1997): 198.825 - 40.175 Y/W - 2.610 W/S

with W words, S sentences and Y syllables. Syllables are counted by vowel groups in French, vowels in Turkish and
hyphenation (pyphen) in English. Kandel and Moles counted French syllables as spoken: a final mute e is not one.
"""
from __future__ import annotations

import re
from functools import lru_cache

import pyphen

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")
_FORMULAS = {  # language: (base, weight of words a sentence, weight of syllables a word)
    "en": (206.835, 1.015, 84.6),
    "fr": (207.0, 1.015, 73.6),
    "tr": (198.825, 2.610, 40.175),
}


@lru_cache(maxsize=1)
def _english() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")


def _syllables(word: str, language: str) -> int:
    word = word.lower().replace("i̇", "i")
    if language == "tr":
        return max(1, len(re.findall(r"[aeıioöuüâîû]", word)))
    if language == "fr":
        spoken = re.sub(r"(?<=[^aeiouyàâéèêëîïôûù])e(s|nt)?$", "", word)
        return max(1, len(re.findall(r"[aeiouyàâéèêëîïôöûùüœæ]+", spoken)))
    return len(_english().positions(word)) + 1


def reading_ease(text: str, language: str) -> float:
    """Returns the reading ease of `text`, higher is easier.

    Raises:
        KeyError: no formula is known for `language`.
        ValueError: `text` has no word.
    """
    base, per_sentence, per_word = _FORMULAS[language]
    words = _WORD.findall(text)
    if not words:
        raise ValueError("a text without words has no reading ease")
    sentences = max(1, len(re.findall(r"[.!?…]+(?=\s|$)", text)))
    syllables = sum(_syllables(word, language) for word in words)
    return base - per_sentence * len(words) / sentences - per_word * syllables / len(words)


if __name__ == "__main__":  # scores of answer files: python bot/readability.py data/answers/*.yml
    import sys
    from pathlib import Path

    from bot import yaml_files

    for path in sys.argv[1:]:
        for topic, answer in yaml_files.read(Path(path)).items():
            for version in ("full", "simple"):
                for language, marked in (answer.get(version) or {}).items():
                    text = re.sub(r"\s*\[[\d,\s-]+\]", "", marked)
                    ease, words = reading_ease(text, language), len(_WORD.findall(text))
                    print(f"{ease:6.1f} {words:3d} words  {topic} {version} {language}")
