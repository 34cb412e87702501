"""What may be learnt, what a candidate must not make worse, and the files in which the clinic's own examples stand."""
import errno
import json
import os
import time

import pytest
import yaml

from bot.errors import CatalogueError, ModelError
from bot.evaluation.comparison import Asked, compare, mark
from bot.evaluation.copies import Copies
from bot.evaluation.questions import Question
from bot.learning import candidate, conversations, diff, erasing, intake, overlay, promotion, questions, worker
from bot.learning.overlay import Example
from bot.learning.wording import natural, personal, tidy
from bot.nlu.encoders import Remembering, load
from bot.store import proposals, trainings
from tests import events


def understood(*intents):
    return {"intent": intents[0], "intents": [{"name": name} for name in intents], "intent_ranking": []}


def ask(part, language, *intents, name="project"):
    return Asked(part, name, Question("?", language, intents))


@pytest.mark.parametrize(
    "part, expected, old, new, refused",
    [
        ("held_out", "emergency", "emergency", "faq_risks", [("red_flag", "fr"), ("held_out", "fr")]),
        ("held_out", "faq_risks", "faq_risks", "faq_cost", [("held_out", "fr")]),
        ("fresh", "faq_risks", "faq_risks", "nlu_fallback", [("fresh", "fr")]),
        ("conversations", "faq_risks", "faq_risks", "faq_cost", [("conversations", "fr")]),
        ("held_out", "faq_risks", "emergency", "faq_cost", []),
        ("fresh", "faq_risks", "nlu_fallback", "faq_risks", []),
    ],
)
def test_a_candidate_is_refused_if_an_emergency_or_a_language_gets_worse(part, expected, old, new, refused):
    others = [ask(part, code, "greet") for code in ("en", "tr")]  # better elsewhere is no excuse
    report = compare(
        [ask(part, "fr", expected), *others],
        [understood(old), understood("thank"), understood("thank")],
        [understood(new), understood("greet"), understood("greet")],
    )
    assert report["refused"] == refused
    assert report["figures"][part]["en"]["old"] == 0 and report["figures"][part]["en"]["new"] == 1


def test_an_emergency_lost_is_refused_though_the_language_gets_better():
    asked = [ask("held_out", "en", "emergency"), *[ask("held_out", "en", "greet")] * 3]
    before, after = [understood("emergency")] + [understood("deny")] * 3, [understood("greet")] * 4
    report = compare(asked, before, after)
    assert report["refused"] == [("red_flag", "en")] and report["changes"][0]["missed"]
    both = [ask("held_out", "en", "emergency", "faq_cost")]  # of two questions, one an emergency, neither got both before
    assert compare(both, [understood("emergency")], [understood("faq_cost")])["refused"] == [("red_flag", "en")]


def test_questions_that_nobody_may_study_are_counted_and_not_shown():
    asked = [ask("held_out", "en", "greet", name="confirming"), ask("held_out", "en", "greet")]
    report = compare(asked, [understood("deny")] * 2, [understood("greet")] * 2)
    assert sorted(change["text"] or "" for change in report["changes"]) == ["", "?"]
    assert report["figures"]["held_out"]["en"]["new"] == 2


def test_a_report_names_questions_of_patients_without_their_words():
    asked = [Asked(part, part, Question("my words", "en", ("greet",))) for part in ("fresh", "conversations")]
    report = compare(asked, [understood("deny")] * 2, [understood("greet")] * 2)
    assert "my words" not in json.dumps(report)
    assert [change["question"] for change in report["changes"]] == [mark(each.question) for each in asked]


def test_what_is_a_copy():
    known = Copies(["When may I get up after the operation?", "yes please"])
    assert known.of("when may i get up, after the OPERATION") and known.of("When may I get up after the operations?")
    assert not known.of("How soon can I be on my feet?") and not known.of("Yes, please!") and known.has("Yes, please!")


@pytest.mark.parametrize("language, name", [("en", "Mary Example"), ("fr", "Marie Exemple"), ("tr", "Ayşe Örnek")])
def test_stand_ins_read_naturally_and_are_nobodys_data(language, name):
    text = natural("⟨name⟩ ⟨phone⟩ ⟨date⟩ ⟨email⟩ ⟨number⟩ ⟨account⟩ ⟨link⟩ ⟨reference⟩ ⟨address⟩ ⟨unknown⟩", language)
    assert name in text and "⟨" not in text and personal(text, language) == []
    assert personal(f"{text} 0470 12 34 56", language) == ["phone"]
    assert personal("verte said so", language, ["Anna Verte"]) == ["name"]


@pytest.mark.parametrize(
    "language, old, new, same",
    [
        ("en", "my neighbour Zorblax says I may not drive", "my neighbour says I may not drive", True),
        ("en", "my neighbour zorblax, of number 4, says so", "my neighbour Mary Example says so", True),
        ("en", "Mary Example and Zorblax say so", "and say so", True),
        ("en", "may I not drive?", "may I drive?", False),
        ("en", "Not after the operation?", "after the operation?", False),
        ("en", "It hurts. Not at night?", "It hurts. at night?", False),
        ("en", "is it safe or dangerous", "is it dangerous or safe", False),
        ("en", "may I drive?", "may I not drive?", False),
        ("en", "may I drive?", "may I drive Mary Example?", False),
        ("fr", "je ne dois pas marcher", "je dois marcher", False),
        ("tr", "araba süremez miyim Ayşegül Hanım", "araba süremez miyim Hanım", True),
        ("tr", "acı yok mu", "acı mu", False),
    ],
)
def test_who_takes_out_a_name_proposes_nothing_new_and_who_takes_out_not_does(language, old, new, same):
    assert intake._less(new, old, language) is same


def test_a_sentence_is_one_line_without_markup():
    assert tidy("  - [hello](greet)\u2028 is {x}\n it\x00 `me`? ") == "(hello)(greet) is (x) it 'me'?"
    hard = Example("en", "greet", tidy("- yes: 'no' #1 \"x\" | > & * ! % @ ☺ 😀"))
    assert yaml.safe_load(overlay.text([hard]))["nlu"][0]["examples"] == f"- {hard.text}\n"


@pytest.fixture
def state(tmp_path, monkeypatch):
    """A state folder of its own for the clinic's files; the database stays."""
    from bot import settings as module

    changed = module.settings().__class__(**{**vars(module.settings()), "state": tmp_path, "models": tmp_path / "models"})
    for place in (overlay, questions, conversations, diff, worker, candidate, promotion.training):
        monkeypatch.setattr(place, "settings", lambda: changed)
    return tmp_path


def test_versions_are_switched_at_once_and_kept(state):
    assert overlay.current().name == "0000" and overlay.read(overlay.current()) == []
    first = overlay.write([Example("en", "greet", "howdy"), Example("tr", "greet", "selam")])
    overlay.use(first)
    second = overlay.write([Example("en", "greet", "howdy"), Example("fr", "greet", "coucou")])
    assert overlay.current() == first and overlay.before().name == "0000"
    overlay.use(second)
    assert set(overlay.read(state / "nlu")) == {("en", "greet", "howdy"), ("fr", "greet", "coucou")}
    overlay.use(overlay.before())
    assert overlay.current() == first and overlay.before() == second
    (first / "en" / "clinic.yml").write_text("nlu: {")
    with pytest.raises(CatalogueError):
        overlay.read(first)


def test_the_clinics_examples_belong_to_the_fingerprint(state):
    from bot.cli.training import fingerprint

    without = fingerprint()
    added = overlay.write([Example("en", "greet", "howdy")])
    assert fingerprint() == without != fingerprint(added)
    overlay.use(added)
    assert fingerprint() == fingerprint(added) and fingerprint(overlay.before()) == without


def test_what_was_learnt_from_a_person_goes_when_they_want_to_be_erased(state, monkeypatch):
    values = {"message": 1, "batch": "b", "language": "en", "intent": "greet", "use": "training", "proposer": "a"}
    values["why"] = None
    mine = [{**values, "conversation": "web-1", "text": text, "state": proposals.OPEN} for text in ("learnt", "open")]
    proposals.add([*mine, {**values, "conversation": "web-2", "text": "somebody else's", "state": proposals.OPEN}])
    numbers = {row["text"]: row["id"] for row in proposals.listed(proposals.OPEN)}
    assert not proposals.decide(numbers["learnt"], proposals.APPROVED, "b", text="other words")  # changed meanwhile
    assert not proposals.decide(numbers["learnt"], proposals.APPROVED, "a", text="learnt")  # one's own
    assert proposals.decide(numbers["learnt"], proposals.APPROVED, "b", text="learnt")
    overlay.use(overlay.write([Example("en", "greet", "learnt"), Example("en", "greet", "somebody else's")]))
    turns = [{"text": "hello", "intents": ["greet"]}]
    kept = conversations.add("en", turns, "web-2")
    conversations.add("en", turns, "web-1")
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(state / "cache"))
    known, encoder = Remembering(load("use")), Remembering(load("use"))
    with known.kept():
        known.encode(["learnt", "somebody else's"])
    running = trainings.begin("a")
    events.empty()
    erasing.erase("web-1")
    with encoder.kept():
        assert list(encoder._vectors) == ["somebody else's"]
    assert not trainings.alive(running)  # it may have learnt from them already
    trainings.end(running, trainings.STOPPED)
    assert not proposals.of("web-1") and proposals.get(numbers["somebody else's"])["conversation"] == "web-2"
    assert overlay.read(overlay.current()) == [("en", "greet", "somebody else's")]
    assert list(conversations.everything()) == [kept]


def test_one_training_runs_at_a_time_and_a_silent_one_is_given_up(monkeypatch):
    number = trainings.begin("a")
    assert trainings.begin("b") is None and trainings.alive(number)
    trainings.ask_to_stop(number)
    assert not trainings.alive(number)
    monkeypatch.setattr(trainings, "_SILENT", 0.01)
    time.sleep(0.05)
    row = trainings.latest()
    assert (row["id"], row["state"], row["why"]) == (number, "failed", "gone") and not trainings.alive(number)
    monkeypatch.undo()
    again = trainings.begin("b")
    assert again > number
    trainings.end(again, trainings.STOPPED)
    trainings.end(again, trainings.DONE)
    assert trainings.get(again)["state"] == "stopped"


def test_only_a_finished_candidate_that_was_not_refused_is_promoted(state):
    version = overlay.write([Example("en", "greet", "howdy")])
    number = trainings.begin("a")

    def tried():
        with pytest.raises(promotion.NotNow) as error:
            promotion.promote(number, "b")
        return str(error.value)

    assert tried() == "running"
    trainings.end(number, trainings.DONE)
    report = {"figures": {}, "changes": [], "refused": [["red_flag", "en"]], "tests": promotion.tests()}
    path = promotion.training.model_path(version)
    trainings.note(number, report=report, base="0000", version=version.name, model=path.name)
    assert tried() == "refused"
    trainings.note(number, report={**report, "refused": []})
    assert tried() == "gone" and not promotion.can_go_back()
    path.parent.mkdir()
    path.touch()
    overlay.use(overlay.write([Example("en", "greet", "another")]))
    assert tried() == "stale"
    overlay.use(overlay.version("0000"))
    unasked = conversations.add("en", [{"text": "hello", "intents": ["greet"]}], "web-1")
    assert tried() == "unasked"
    conversations.remove(unasked)
    overlay.put(questions.folder() / questions.FRESH, [Example("en", "greet", "good day")])
    assert tried() == "unasked"
    overlay.put(questions.folder() / questions.FRESH, [])
    hindrance = state / f"nlu.before.{os.getpid()}"
    hindrance.mkdir()
    already = trainings.promotions()
    with pytest.raises(OSError):
        promotion.promote(number, "b")
    assert trainings.promotions() == already and overlay.current().name == "0000"
    hindrance.rmdir()
    assert promotion.promote(number, "b") == version.name and overlay.current() == version
    newest = trainings.promotions(1)[0]
    assert (newest["model"], newest["loaded_at"], newest["training"]) == (path.name, None, number)
    trainings.loaded("another model", True)
    assert trainings.promotions(1)[0]["loaded_at"] is None
    trainings.loaded(path.name, True)
    assert trainings.promotions(1)[0]["loaded_at"]


@pytest.mark.parametrize(
    "error, why",
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (RuntimeError("(sqlite3.OperationalError) database or disk is full"), "disk"),
        (ModelError("training failed"), "training"),
        (ValueError("?"), "training"),
        (CatalogueError("cannot read"), "data"),
        (candidate.Failed("base"), "base"),
    ],
)
def test_what_went_wrong_has_a_name(error, why):
    assert candidate.why(error) == why in candidate.REASONS.values()
