"""What the documents name exists."""
import re
import subprocess

import pytest

from bot.settings import ROOT


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))])
def test_every_path_named_exists(page):
    text = (ROOT / page).read_text()
    for path in re.findall(r"`((?:bot|data|actions|tests|docs|requirements|scripts|benchmarks)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path


def test_every_make_target_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", (ROOT / "README.md").read_text())) <= targets


def test_make_help_lists_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE):
        assert re.search(rf"^{target}\s", listed, re.MULTILINE), target


def test_labelling_names_every_intent():
    from bot import yaml_files

    entries = yaml_files.read(ROOT / "domain.yml")["intents"]
    page = (ROOT / "docs" / "labelling.md").read_text()
    for entry in entries:
        for intent in entry:
            assert intent.startswith("nlu_") or f"`{intent}`" in page, intent
