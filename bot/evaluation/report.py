"""`bot evaluate`: the table a person reads, and a page with pictures of it."""
from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from bot.evaluation import measures, pictures
from bot.evaluation import stock as stock_assistant
from bot.evaluation.questions import Question, follow_ups, load
from bot.understanding import Understanding

Say = Callable[[str], None]
_HEAD = """<!doctype html><html lang=en><meta charset=utf-8><title>What the assistant understands</title>
<style>body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}img{max-width:100%}
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}</style>"""


def evaluate(folders: Sequence[Path], report: Path, *, stock_epochs: int, say: Say) -> Dict[str, Any]:
    """Measures this pipeline and the stock one on each set of questions; writes `report`/index.html.

    Returns the figures, also written to figures.json: by set, by pipeline, by language, by measure. Both pipelines are
    trained afresh in this run, the stock one for `stock_epochs`; with 0 it is left out and nothing is trained.
    """
    sets = {folder.name: _flat(load(folder)) + _flat(follow_ups(folder)) for folder in folders}
    every = [question for questions in sets.values() for question in questions]
    understood = {"this pipeline": rows_of(Understanding.load(), every)}
    seconds: Dict[str, stock_assistant.Spent] = {}
    if stock_epochs:
        model, seconds = stock_assistant.assistant(say, epochs=stock_epochs)
        whole = stock_epochs == stock_assistant.EPOCHS
        understood["stock Rasa" if whole else f"stock, {stock_epochs} epochs"] = rows_of(Understanding.load(model), every)
    report.mkdir(parents=True, exist_ok=True)
    figures: Dict[str, Any] = {}
    page: List[str] = []
    start = 0
    for name, questions in sets.items():
        results = {pipeline: rows[start : start + len(questions)] for pipeline, rows in understood.items()}
        start += len(questions)
        figures[name] = {
            pipeline: {code: measures.measure(*_of(code, questions, rows)) for code in _languages(questions)}
            for pipeline, rows in results.items()
        }
        say(f"\n{name}\n{table(figures[name])}")
        page += _section(report, name, questions, results, figures[name])
    if seconds:
        ours, other = seconds.values()
        say(f"\nTraining: {ours.clock:.0f} s against {other.clock:.0f} s, ratio {ours.clock / other.clock:.3f}")
        figures["training seconds"] = {name: spent._asdict() for name, spent in seconds.items()}
    (report / "figures.json").write_text(json.dumps(figures, indent=1))
    (report / "index.html").write_text("\n".join([_HEAD, *page]), encoding="utf-8")
    say(f"Report: {report / 'index.html'}")
    return figures


def rows_of(understanding: Understanding, questions: Sequence[Question]) -> List[Any]:
    """Returns what is understood of each of the `questions`, after the answer that each follows."""
    rows: List[Any] = [None] * len(questions)
    for after in dict.fromkeys(question.after for question in questions):
        places = [place for place, question in enumerate(questions) if question.after == after]
        for place, row in zip(places, understanding.parse((questions[place].text for place in places), after=after)):
            rows[place] = row
    return rows


def table(figures: Dict[str, Any]) -> str:
    """Returns the figures as text, one column a language and pipeline."""
    columns = [(name, code) for name, by_language in figures.items() for code in by_language]
    lines = [f"{'':28}" + "".join(f"{name + ' ' + code:>20}" for name, code in columns)]
    for key, label in measures.NAMES.items():
        lines.append(f"{label:28}" + "".join(f"{_number(key, figures[n][c][key]):>20}" for n, c in columns))
    return "\n".join(lines)


def _flat(by_language: Dict[str, List[Question]]) -> List[Question]:
    return [question for group in by_language.values() for question in group]


def _languages(questions: List[Question]) -> List[str]:
    return list(dict.fromkeys(question.language for question in questions))


def _of(code: str, questions: List[Question], rows: List[Any]) -> Tuple[List[Question], List[Any]]:
    chosen = [(q, r) for q, r in zip(questions, rows) if q.language == code]
    return [q for q, _ in chosen], [r for _, r in chosen]


def _number(key: str, value: Optional[float]) -> str:
    if value is None:
        return "–"
    if key == "questions":
        return f"{value:.0f}"
    return f"{value:.3f}" if key in ("macro_f1", "calibration_error") else f"{100 * value:.1f} %"


def _section(
    report: Path, name: str, questions: List[Question], results: Dict[str, List[Any]], figures: Dict[str, Any]
) -> List[str]:
    """Returns the page's part about one set of questions, and draws its pictures."""
    parts = [f"<h1>{escape(name)}</h1>", f"<pre>{escape(table(figures))}</pre>"]
    for pipeline, rows in results.items():
        for picture in pictures.draw(report, f"{name} {pipeline}", questions, rows):
            parts.append(f"<h2>{escape(pipeline)}</h2><img src='{picture.name}' alt='{escape(picture.stem)}'>")
    for code in _languages(questions):
        wrong = measures.errors(*_of(code, questions, results["this pipeline"]))
        parts.append(f"<h2>Wrong answers, {code} ({len(wrong)})</h2><table><tr><th>question<th>expected<th>given")
        for error in wrong:
            parts.append(
                f"<tr><td>{escape(error['text'])}<td>{', '.join(error['expected'])}<td>{', '.join(error['given'])}"
            )
        parts.append("</table>")
    return parts
