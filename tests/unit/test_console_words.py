"""Every word of the console exists in every language."""
import re
from io import BytesIO

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.console.language import LOCALE
from bot.settings import ROOT

METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_PLACE = re.compile(r"%\(\w+\)s")


def words():
    found = extract_from_dir(str(ROOT / "bot" / "console"), METHODS, {"templates/**.html": {"trimmed": "true"}})
    return {m if isinstance(m, str) else tuple(m) for _, _, m, _, _ in found}


@pytest.mark.parametrize("code", ["fr", "tr"])
def test_every_word_is_translated(code):
    catalogue = read_po(BytesIO((LOCALE / f"{code}.po").read_bytes()), locale=code)
    there = {message.id: message for message in catalogue if message.id}
    assert words() - set(there) == set() and set(there) - words() == set()
    for source, message in there.items():
        sources = (source,) if isinstance(source, str) else source
        texts = (message.string,) if isinstance(message.string, str) else message.string
        assert all(texts) and not message.fuzzy, source
        for text in texts:
            assert set(_PLACE.findall(text)) <= set(_PLACE.findall(sources[-1])), source
