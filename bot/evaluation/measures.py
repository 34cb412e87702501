"""The figures of one language, from questions and what was understood."""
from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

import numpy as np
from sklearn.metrics import f1_score

from bot.evaluation.questions import Question

Result = Dict[str, Any]  # a row of `bot parse`
EMERGENCY, OUT_OF_SCOPE, UNSURE = "emergency", "out_of_scope", "nlu_fallback"
_REFUSALS = (OUT_OF_SCOPE, UNSURE, "nlu_other_language", "nlu_too_long", "nlu_no_words")

NAMES = {
    "questions": "questions",
    "top1": "top-1 (model)",
    "answered": "right answer given",
    "faq_top1": "right answer, FAQ",
    "top3": "top-3",
    "macro_f1": "macro-F1",
    "emergency_recall": "emergency recall",
    "false_alarms": "false alarms",
    "emergencies_warned": "emergencies warned of",
    "needless_warnings": "needless warnings",
    "out_of_scope_recall": "out-of-scope recall",
    "refused": "real questions refused",
    "compound": "compound, both halves",
    "follow_up": "follow-up, after an answer",
    "language": "language identified",
    "calibration_error": "calibration error",
}


def measure(questions: Sequence[Question], results: Sequence[Result]) -> Dict[str, Optional[float]]:
    """Returns the figures named in NAMES; fractions, and None for what these questions do not test.

    "Refused" counts questions that the assistant should answer and that were called out of scope, unsure or foreign;
    an out-of-scope question is recognised if it is refused in any of these ways. A warning is the emergency's answer or,
    before another one, what to do in case it is one: nobody with an emergency may go without. Top-1 looks at the model's
    first guess, "right answer given" at what the patient gets after red flags, thresholds and clauses. What follows an
    answer counts by itself.
    """
    follow_ups = [(q, r) for q, r in zip(questions, results) if q.after]
    single = [(q, r) for q, r in zip(questions, results) if len(q.intents) == 1 and not q.after]
    compound = [(q, r) for q, r in zip(questions, results) if len(q.intents) > 1]
    truth = [q.intents[0] for q, _ in single]
    guess = [first_guess(r) for _, r in single]
    given = [r["intent"] for _, r in single]
    faq = [(t, g) for t, g in zip(truth, given) if t.startswith("faq_")]
    top3 = [t in [e["name"] for e in (r["intent_ranking"] or [])[:3]] for t, (_, r) in zip(truth, single)]
    alarm = [g == EMERGENCY for g in given]
    warned = [a or bool(r.get("doubted")) for a, (_, r) in zip(alarm, single)]
    refused = [g in _REFUSALS for g in given]
    asked = [t not in (EMERGENCY, OUT_OF_SCOPE) for t in truth]
    figures: Dict[str, Optional[float]] = {
        "questions": len(questions),
        "top1": _share(t == g for t, g in zip(truth, guess)),
        "answered": _share(t == g for t, g in zip(truth, given)),
        "faq_top1": _share(t == g for t, g in faq),
        "top3": _share(top3),
        "macro_f1": float(f1_score(truth, guess, average="macro", labels=sorted(set(truth)))) if truth else None,
        "emergency_recall": _share(a for a, t in zip(alarm, truth) if t == EMERGENCY),
        "false_alarms": _share(a for a, t in zip(alarm, truth) if t != EMERGENCY),
        "emergencies_warned": _share(w for w, t in zip(warned, truth) if t == EMERGENCY),
        "needless_warnings": _share(w for w, t in zip(warned, truth) if t != EMERGENCY),
        "out_of_scope_recall": _share(r for r, t in zip(refused, truth) if t == OUT_OF_SCOPE),
        "refused": _share(r for r, a in zip(refused, asked) if a),
        "compound": _share(
            set(q.intents) <= {e["name"] for e in r["intents"] or []} or _emergency_first(q, r) for q, r in compound
        ),
        "follow_up": _share(right(q, r) for q, r in follow_ups),
        "language": _share(r["language"] == q.language for q, r in zip(questions, results) if _tells_language(q, r)),
        "calibration_error": calibration_error(
            np.array([first_confidence(r) for _, r in single]), np.array([t == g for t, g in zip(truth, guess)])
        ),
    }
    return figures


def first_guess(result: Result) -> Optional[str]:
    """Returns the model's most likely intent, but `emergency` where a red flag or the threshold made it one."""
    if result["intent"] == EMERGENCY or not result["intent_ranking"]:
        return result["intent"]
    names = [entry["name"] for entry in result["intent_ranking"] if entry["name"] != UNSURE]
    return names[0] if names else None


def calibration_error(confidence: np.ndarray, right: np.ndarray, *, bins: int = 10) -> Optional[float]:
    """Returns the expected calibration error (Naeini et al. 2015) of `confidence` (n,) for `right` (n,) in [0, 1]."""
    if not len(confidence):
        return None
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (bin_of == b).mean() * abs(confidence[bin_of == b].mean() - right[bin_of == b].mean())
        for b in range(bins)
        if (bin_of == b).any()
    ]
    return float(sum(gaps))


def errors(questions: Sequence[Question], results: Sequence[Result]) -> List[Dict[str, Any]]:
    """Returns the questions whose answer is not the right one, with what was understood."""
    return [
        {"text": _told(question), "expected": question.intents, "given": given(result), "result": result}
        for question, result in zip(questions, results)
        if not right(question, result)
    ]


def _told(question: Question) -> str:
    return f"{question.text} (after {question.after})" if question.after else question.text


def given(result: Result) -> List[str]:
    """Returns the intents that are answered, in order."""
    return [entry["name"] for entry in result["intents"] or [{"name": result["intent"]}]]


def right(question: Question, result: Result) -> bool:
    """Returns whether what is answered is what was asked; of two questions, both."""
    if len(question.intents) > 1:
        return set(question.intents) <= set(given(result))
    return list(question.intents) == given(result)


def _tells_language(question: Question, result: Result) -> bool:
    """A wish for another language is answered in that one; a single word and a follow-up leave it to the conversation."""
    if question.after or question.intents == ("change_language",):
        return False
    return bool(result["language"]) and len(question.text.split()) > 1


def _emergency_first(question: Question, result: Result) -> bool:
    return EMERGENCY in question.intents and result["intent"] == EMERGENCY


def first_confidence(result: Result) -> float:
    """Returns the model's confidence in its first guess, 1 where it made none."""
    entries = [entry for entry in result["intent_ranking"] or [] if entry["name"] != UNSURE]
    return float(entries[0]["confidence"]) if entries else 1.0


def _share(values: Any) -> Optional[float]:
    values = list(values)
    return sum(map(bool, values)) / len(values) if values else None
