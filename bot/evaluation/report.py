"""`bot evaluate`: the table a person reads, and a page with pictures of it."""
from __future__ import annotations

import json
import tempfile
import time
from html import escape
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from bot.evaluation import measures, pictures, stock as stock_pipeline
from bot.evaluation.questions import Question, load
from bot.understanding import Understanding

Say = Callable[[str], None]


def evaluate(questions: Path, report: Path, *, stock: bool, say: Say) -> Dict[str, Any]:
    """Measures this pipeline, and the stock one if `stock`, on `questions`; writes `report`/index.html and figures.json.

    Returns the figures: by pipeline, by language, by measure. With `stock`, both are trained afresh in this run.
    """
    by_language = load(questions)
    flat = [question for group in by_language.values() for question in group]
    texts = [question.text for question in flat]
    seconds = _train_afresh(say) if stock else None
    results = {"this pipeline": list(Understanding.load().parse(texts))}
    if stock:
        results["stock Rasa"], stock_seconds = stock_pipeline.understand(texts, say)
    figures: Dict[str, Any] = {
        name: {
            code: measures.measure(*_of(code, flat, rows)) for code in by_language
        }
        for name, rows in results.items()
    }
    say(table(figures))
    if stock and seconds:
        say(f"Training: {seconds:.0f} s against {stock_seconds:.0f} s, ratio {seconds / stock_seconds:.2f}")
        figures["training seconds"] = {"this pipeline": seconds, "stock Rasa": stock_seconds}
    report.mkdir(parents=True, exist_ok=True)
    (report / "figures.json").write_text(json.dumps(figures, indent=1))
    _write_page(report, flat, results, by_language, figures)
    say(f"Report: {report / 'index.html'}")
    return figures


def table(figures: Dict[str, Any]) -> str:
    """Returns the figures as text, one column a language and pipeline."""
    columns = [(name, code) for name, by_language in figures.items() for code in by_language]
    lines = [f"{'':28}" + "".join(f"{name + ' ' + code:>20}" for name, code in columns)]
    for key, label in measures.NAMES.items():
        lines.append(f"{label:28}" + "".join(f"{_number(key, figures[n][c][key]):>20}" for n, c in columns))
    return "\n".join(lines)


def _of(code: str, questions: List[Question], rows: List[Any]) -> tuple:
    chosen = [(q, r) for q, r in zip(questions, rows) if q.language == code]
    return [q for q, _ in chosen], [r for _, r in chosen]


def _train_afresh(say: Say) -> float:
    """Returns the seconds a training from nothing takes, so that it can be compared."""
    import rasa.model_training

    from bot.cli.training import CONFIG, DATA, DOMAIN, train

    train(say)  # the model that is measured
    say("Training this pipeline's NLU once more from nothing, to time it")
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        rasa.model_training.train_nlu(str(CONFIG), str(DATA[0]), folder, domain=str(DOMAIN))
        return time.monotonic() - started


def _number(key: str, value: Optional[float]) -> str:
    if value is None:
        return "–"
    if key == "questions":
        return f"{value:.0f}"
    return f"{value:.3f}" if key in ("macro_f1", "calibration_error") else f"{100 * value:.1f} %"


def _write_page(
    report: Path, flat: List[Question], results: Dict[str, list], languages: Dict[str, Any], figures: Dict[str, Any]
) -> None:
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Evaluation</title>",
             "<style>body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}img{max-width:100%}"
             "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}</style>",
             "<h1>What the assistant understands</h1>",
             f"<pre>{escape(table({k: v for k, v in figures.items() if k != 'training seconds'}))}</pre>"]
    for name, rows in results.items():
        for picture in pictures.draw(report, name, flat, rows):
            parts.append(f"<h2>{escape(name)}</h2><img src='{picture.name}' alt='{escape(picture.stem)}'>")
    for code in languages:
        wrong = measures.errors(*_of(code, flat, results["this pipeline"]))
        parts.append(f"<h2>Wrong answers, {code} ({len(wrong)})</h2><table><tr><th>question<th>expected<th>given")
        for error in wrong:
            parts.append(
                f"<tr><td>{escape(error['text'])}<td>{', '.join(error['expected'])}<td>{', '.join(error['given'])}"
            )
        parts.append("</table>")
    (report / "index.html").write_text("\n".join(parts), encoding="utf-8")
