"""The dialogue of tests/stories/, predicted by the trained policies with Rasa's own `rasa test core`."""
import os
import subprocess
import sys

from bot.quiet import QUIET
from bot.settings import ROOT


def test_every_story_is_predicted(model, tmp_path):
    command = [sys.executable, "-m", "rasa", "test", "core", "--model", str(model), "--no-plot"]
    command += ["--stories", str(ROOT / "tests" / "stories"), "--out", str(tmp_path), "--fail-on-prediction-errors"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **QUIET}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    report = (tmp_path / "story_report.json").read_text()
    assert '"accuracy"' in report
