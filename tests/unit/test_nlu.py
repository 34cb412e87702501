"""Each component by itself: what it sets, that it survives saving and loading, and how it refuses a wrong setting."""
import os

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.cli import training
from bot.errors import EncoderError
from bot.importer import AssistantImporter
from bot.learning import overlay
from bot.nlu import encoders, vector_files
from bot.nlu.clause_splitter import ClauseSplitter
from bot.nlu.fallback_classifier import FallbackClassifier
from bot.nlu.half_chooser import HalfChooser
from bot.nlu.intent_classifier import CalibratedIntentClassifier, fit_temperature, half_balanced, softmax
from bot.nlu.language_identifier import LanguageIdentifier
from bot.nlu.ngram_featurizer import NgramFeaturizer, Tfidf
from bot.nlu.properties import ASKS, CLAUSES, DOUBTED, HALF_OF, INTENTS, LANGUAGE, OPTIONS, OTHER_LANGUAGE, RED_FLAG, SPAN
from bot.nlu.red_flag_detector import RedFlagDetector
from bot.nlu.sentence_featurizer import SentenceFeaturizer
from bot.nlu.tokenizer import LanguageAwareTokenizer
from bot.nlu.wording import encoded
from bot.settings import ROOT, settings
from tests.conftest import LANGUAGES

CONTEXT = ExecutionContext(GraphSchema({}), "test")
NODE = Resource("component")


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    return LocalModelStorage.create(tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="module")
def some_examples():
    """A few intents of the real data, in all languages."""
    paths = [str(path) for path in (ROOT / "data" / "nlu").glob("*/smalltalk.yml")]
    return AssistantImporter(training_data_paths=paths).get_nlu_data()


def create(component, storage, **config):
    return component.create({**component.get_default_config(), **config}, storage, NODE, CONTEXT)


def load(component, storage, **config):
    return component.load({**component.get_default_config(), **config}, storage, NODE, CONTEXT)


def message(text, **properties):
    return Message({TEXT: text, **properties})


def test_thanks_that_tell_something_besides_are_learnt_as_what_only_tells(tmp_path):
    folder = tmp_path / "en"
    folder.mkdir()
    lines = ("thanks a million.", "thanks, the plaster came off clean", "hello, is anybody there?")
    entries = "\n".join(f"      - {line}" for line in lines)
    (folder / "smalltalk.yml").write_text(f'version: "3.1"\nnlu:\n  - intent: thank\n    examples: |\n{entries}\n')
    data = AssistantImporter(training_data_paths=[str(folder / "smalltalk.yml")])
    data._nlu_files = [*data._nlu_files, *(str(ROOT / "data" / "nlu" / code / "smalltalk.yml") for code in ("fr", "tr"))]
    learnt = {message.get(TEXT): message.get(INTENT) for message in data.get_nlu_data().training_examples}
    assert [learnt[line] for line in lines] == ["thank", "out_of_scope", "thank"]


def test_what_other_code_left_in_rasas_cache_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path))
    assert not training._cache_is_older_than_code()
    cache = tmp_path / "cache.db"
    cache.touch()
    assert not training._cache_is_older_than_code()
    os.utime(cache, (0, 0))
    assert training._cache_is_older_than_code()


# --- language


@pytest.fixture(scope="module")
def identifier(storage, some_examples):
    create(LanguageIdentifier, storage).train(some_examples)
    return load(LanguageIdentifier, storage)


def test_the_language_is_found_with_and_without_diacritics(identifier):
    for text, code in [
        ("thank you very much, goodbye", "en"),
        ("merci beaucoup et au revoir", "fr"),
        ("tesekkur ederim gorusmek uzere", "tr"),
        ("TEŞEKKÜR EDERİM", "tr"),
    ]:
        assert identifier.identify(text, None) == (code, False), text


def test_a_word_that_could_be_either_keeps_the_conversations_language(identifier):
    for code in LANGUAGES:
        assert identifier.identify("ok", code)[0] == code
        assert identifier.identify("👍", code) == (code, False)


@pytest.mark.parametrize("text", ["K7-4F2", "7KXM-92QP", "L1", "14/12/2026", "0470 12 34 56", "7KXM-92QP ?"])
def test_a_bare_reference_or_number_is_in_no_language(identifier, text):
    for code in ("en", "fr", "tr"):
        assert identifier.identify(text, code) == (code, False)
        assert identifier.identify(text, code, sure=False) == (code, False)


def test_the_language_is_emitted_as_the_entity_that_fills_the_slot(identifier):
    [found] = identifier.process([message("merci beaucoup madame")])
    assert found.get(LANGUAGE) == "fr"
    assert [(e["entity"], e["value"]) for e in found.get(ENTITIES)] == [("language", "fr")]


def test_the_page_language_is_the_first_prior_and_the_slot_the_next(identifier):
    [found] = identifier.process([message("ok", metadata={"language": "tr"})], None)
    assert found.get(LANGUAGE) == "tr"


def test_a_language_that_is_not_served_is_nobodys(identifier):
    [found] = identifier.process([message("1", metadata={"language": "xx"})], None)
    assert found.get(LANGUAGE) == settings().clinic.default_language


@pytest.mark.parametrize("text", ["متى يمكنني النهوض؟", "Как долго длится операция?", "手术需要多长时间"])
def test_another_script_is_another_language(identifier, text):
    assert identifier.identify(text, "fr") == ("fr", True)


def test_examples_without_a_language_are_refused(storage):
    with pytest.raises(InvalidConfigException, match="importers"):
        create(LanguageIdentifier, storage).train(TrainingData([Message({TEXT: "hello", INTENT: "greet"})]))


# --- words


@pytest.mark.parametrize(
    "code, text, words",
    [
        ("fr", "Combien dure l’opération ?", ["combien", "dure", "l'", "opération", "?"]),
        ("fr", "aujourd'hui, qu`est-ce", ["aujourd'hui", ",", "qu'", "est", "-ce"]),
        ("tr", "IŞIK İyi mi?", ["ışık", "iyi", "mi", "?"]),
        ("en", "I can't", ["i", "ca", "n't"]),
    ],
)
def test_words_are_split_by_the_rules_of_the_language(storage, code, text, words):
    [found] = create(LanguageAwareTokenizer, storage).process([message(text, language=code)])
    tokens = [token.text for token in found.get(TOKENS_NAMES[TEXT])]
    assert [t for t in tokens if t not in ("-", "est", "-ce", "est-ce")] == [
        w for w in words if w not in ("-", "est", "-ce", "est-ce")
    ]


def test_the_red_flag_detector_writes_the_rules_id(storage):
    found = create(RedFlagDetector, storage).process([message("I can't feel my legs"), message("hello"), message("")])
    assert [m.get(RED_FLAG) for m in found] == ["cord_compression.legs", None, None]


# --- clauses


def clauses_of(storage, code, text):
    found = create(LanguageAwareTokenizer, storage).process([message(text, language=code)])
    [found] = create(ClauseSplitter, storage).process(found)
    return found.get(CLAUSES) or []


def split(storage, code, text):
    """Returns the pieces, in order, and all runs of them by the numbers of their first piece and the one after the last."""
    runs = {clause.get(SPAN): clause.get(TEXT) for clause in clauses_of(storage, code, text) if not clause.get(HALF_OF)}
    edges = sorted({edge for span in runs for edge in span})
    numbered = {(edges.index(first), edges.index(last)): text for (first, last), text in runs.items()}
    return [text for (first, last), text in sorted(numbered.items()) if last - first == 1], numbered


@pytest.mark.parametrize(
    "code, text, count",
    [
        ("en", "When can I get up and what are the risks?", 2),
        ("en", "Will it hurt? Will I have a scar?", 2),
        ("fr", "Combien ça coûte et est-ce remboursé ?", 2),
        ("tr", "Ne zaman kalkabilirim, bir de riskleri neler?", 2),
        ("en", "How long does it take?", 0),
        ("en", "yes, please", 0),
        ("tr", "teşekkürler.", 0),
    ],
)
def test_pieces(storage, code, text, count):
    assert len(split(storage, code, text)[0]) == count


def test_pieces_lose_no_word_and_every_run_of_them_is_a_clause(storage):
    text = "I fell, and my back hurts. What now? Also who pays"
    pieces, clauses = split(storage, "en", text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert len(clauses) == len(pieces) * (len(pieces) + 1) / 2 - 1
    assert clauses[2, 4] == "What now? Also who pays"


def test_each_piece_is_also_cut_between_any_two_words(storage):
    halves = clauses_of(storage, "tr", "fiyatı ne narkoz var mı")
    assert {clause.get(HALF_OF) for clause in halves} == {(0, 5)} and len(halves) == 8
    assert ("fiyatı ne", "narkoz var mı") in zip(*[iter([clause.get(TEXT) for clause in halves])] * 2)
    halves = [clause for clause in clauses_of(storage, "en", "Will it hurt? What is it made of?") if clause.get(HALF_OF)]
    assert {clause.get(HALF_OF) for clause in halves} == {(0, 4), (4, 10)}


@pytest.mark.parametrize("text, asks", [("Is 90 too old for cement?", False), ("Is 90 too old, and why?", True)])
def test_a_half_asks_by_its_words_and_not_by_the_question_mark_of_the_whole(storage, text, asks):
    found = clauses_of(storage, "en", text)
    assert [clause.get(ASKS) for clause in found if clause.get(TEXT) in ("cement?", "and why?")] == [asks]
    assert not clauses_of(storage, "tr", "fiyatı ne") and not clauses_of(storage, "en", "word " * 30)


def test_of_too_many_pieces_the_last_sentences_stay(storage):
    text = "One came. Two went, three and four stayed. Five sang. Six slept. Seven ate. What now? Who pays?"
    assert split(storage, "en", text)[0][-2:] == ["What now?", "Who pays?"]
    assert len(split(storage, "en", text)[0]) == 5


# --- vectors


@pytest.mark.parametrize("name", encoders.names())
def test_an_encoder_gives_unit_vectors_that_know_meaning_across_languages(name):
    encoder = encoders.load(name)
    vectors = encoder.encode(["When can I get up?", "Quand puis-je me lever ?", "Ne zaman kalkabilirim?", "Nice weather"])
    assert vectors.shape == (4, encoder.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    likeness = vectors @ vectors[0]
    assert min(likeness[1:3]) > likeness[3]


def test_an_encoder_that_gives_other_vectors_fails_loudly(monkeypatch):
    monkeypatch.setitem(encoders._EXPECTED, "use", (0.5,) * 6)
    monkeypatch.delitem(encoders._loaded, "use", raising=False)
    with pytest.raises(EncoderError, match="make install"):
        encoders.load("use")


def test_a_training_begins_with_what_the_last_one_encoded(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    use = encoders.load("use")._encoder
    first, texts = encoders.Remembering(use), ["Peut-on se lever ?", "Kalkabilir miyim?"]
    with first.kept():
        vectors = first.encode(texts)
    later = encoders.Remembering(use)
    with later.kept():
        assert list(later._vectors) == sorted(texts, key=len)
        assert np.array_equal(later.encode(texts), vectors)
    (file,) = (tmp_path / "vectors").iterdir()
    file.write_bytes(b"half a file")
    with encoders.Remembering(use).kept():
        pass
    assert "damaged" in caplog.text


def test_the_vectors_that_ship_are_the_encoders_own_and_spare_a_first_training_most_of_them():
    encoder = encoders.load("e5")
    texts, vectors = vector_files.read(vector_files.SHIPPED / encoder.file)
    own = encoder.encode(texts[::1500])
    assert len(own) > 20 and np.all((own * vectors[::1500]).sum(axis=1) > 0.999 * np.linalg.norm(vectors[::1500], axis=1))
    asked = {encoded(example.text) for example in overlay.read(ROOT / "data" / "nlu")}
    assert len(asked & set(texts)) > 0.8 * len(asked), "run 'bot vectors' and commit what it writes"


def dense(messages):
    return np.vstack([each.get_dense_features(TEXT)[1].features for each in messages])


def test_the_sentence_feature_is_the_same_alone_and_in_a_batch_and_after_loading(storage, some_examples):
    create(SentenceFeaturizer, storage).train(some_examples)
    featurizer = load(SentenceFeaturizer, storage)
    texts = [f"question number {n} about my back" for n in range(10)]
    together = dense(featurizer.process([message(text) for text in texts]))
    alone = np.concatenate([dense(featurizer.process([message(text)])) for text in texts])
    assert together.shape == (10, 512 + 384)
    assert np.allclose(together, alone, atol=1e-3)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)


def test_what_was_encoded_together_is_remembered_however_much_it_is():
    encoder = encoders.Remembering(encoders.load("use"), size=2)
    texts = ["can it leak?", "am I asleep?", "how long is it?"]
    encoder.encode(texts)
    assert set(encoder._vectors) == set(texts)
    encoder.encode(["thank you"])
    assert len(encoder._vectors) == 2 and "thank you" in encoder._vectors


def test_a_training_that_finds_the_centres_in_the_cache_encodes_nothing_again(storage, some_examples, monkeypatch, tmp_path):
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    create(SentenceFeaturizer, storage, encoders=["use"]).train(some_examples)
    use = encoders.load("use")
    monkeypatch.setitem(encoders._loaded, "use", encoders.Remembering(use._encoder))
    monkeypatch.setattr(use._encoder, "encode", lambda texts: pytest.fail(f"{len(texts)} texts were encoded again"))
    again = TrainingData([message(example.get(TEXT)) for example in some_examples.training_examples])
    load(SentenceFeaturizer, storage, encoders=["use"]).process_training_data(again)
    assert all(example.features for example in again.training_examples)


def test_clauses_are_featurized_with_their_message(storage, some_examples):
    create(SentenceFeaturizer, storage).train(some_examples)
    clause = message("and the risks?")
    load(SentenceFeaturizer, storage).process([message("when? and the risks?", clauses=[clause])])
    assert clause.features


def test_spelling_features_ignore_case_and_diacritics(storage, some_examples):
    create(NgramFeaturizer, storage, min_examples=1).train(some_examples)
    featurizer = load(NgramFeaturizer, storage, min_examples=1)
    spelt = featurizer.process([message("TEŞEKKÜRLER"), message("tesekkurler")])
    rows = [m.get_sparse_features(TEXT)[1].features for m in spelt]
    assert abs(rows[0] - rows[1]).max() == 0 and rows[0].nnz > 0


def test_inflected_words_share_their_first_letters(storage, some_examples):
    create(NgramFeaturizer, storage, analyzer="word", prefix=4, min_ngram=1, min_examples=1).train(some_examples)
    featurizer = load(NgramFeaturizer, storage, analyzer="word", prefix=4, min_ngram=1, min_examples=1)
    found = featurizer.process([message("thank"), message("THANKFULLY"), message("that")])
    rows = [m.get_sparse_features(TEXT)[1].features for m in found]
    assert abs(rows[0] - rows[1]).max() == 0 < abs(rows[0] - rows[2]).max()


def test_what_is_sure_already_is_not_encoded(storage, some_examples):
    create(SentenceFeaturizer, storage, unless=0.9).train(some_examples)
    sure, unsure = ([{"name": "thank", "confidence": confidence}] for confidence in (0.95, 0.85))
    known, asked = message("thanks", intent_ranking=sure), message("hm", intent_ranking=unsure)
    load(SentenceFeaturizer, storage, unless=0.9).process([known, asked])
    assert asked.features and not known.features


@pytest.mark.parametrize(
    ("intent", "flag", "encoded"),
    [
        ("emergency", "lungs.blood", False),
        ("emergency", None, True),
        ("faq_cost", "lungs.blood", True),
        ("faq_cost", None, False),
    ],
)
def test_where_words_and_rules_disagree_on_an_emergency_the_meaning_is_asked(storage, some_examples, intent, flag, encoded):
    create(SentenceFeaturizer, storage, unless=0.9).train(some_examples)
    given = message("x", intent_ranking=[{"name": intent, "confidence": 0.95}], red_flag=flag)
    load(SentenceFeaturizer, storage, unless=0.9).process([given])
    assert bool(given.features) == encoded


@pytest.mark.parametrize(("second", "encoded"), [("faq_risks", True), ("faq_anesthesia", False)])
def test_clauses_are_encoded_with_their_message_where_they_ask_different_things(storage, some_examples, second, encoded):
    create(SentenceFeaturizer, storage, unless=0.9).train(some_examples)
    sure = [{"name": "faq_anesthesia", "confidence": 0.95}]
    parts = [
        message("asleep?", asks=True, span=(0, 1), intent={"name": "faq_anesthesia"}, intent_ranking=sure),
        message("is it risky?", asks=True, span=(1, 2), intent={"name": second}, intent_ranking=sure),
    ]
    whole = message("asleep? is it risky?", clauses=parts, intent_ranking=sure)
    load(SentenceFeaturizer, storage, unless=0.9).process([whole])
    assert [bool(part.features) for part in (whole, *parts)] == [encoded] * 3


def test_one_text_alone_has_the_row_it_has_among_many():
    texts = ["when can I go home", "can i go home", "home home home", ""]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit(texts)
    asked, tfidf = [*texts, "gehen wir"], Tfidf.of(vectorizer)
    expected = vectorizer.transform(asked).toarray()
    for seen in (None, {}):
        rows = np.zeros((len(asked), len(tfidf)))
        for row, text in zip(rows, asked):
            columns, values = tfidf.weigh(text, seen)
            row[columns] = values
        assert np.allclose(rows, expected)


# --- intents


@pytest.fixture(scope="module")
def classifier(storage, some_examples):
    featurizer = create(SentenceFeaturizer, storage)
    featurizer.train(some_examples)
    featurizer.process_training_data(some_examples)
    create(CalibratedIntentClassifier, storage).train(some_examples)
    return featurizer, load(CalibratedIntentClassifier, storage)


def test_the_ranking_is_sorted_short_and_adds_up(classifier):
    featurizer, component = classifier
    [found] = component.process(featurizer.process([message("thank you so much dear")]))
    confidences = [entry["confidence"] for entry in found.get(INTENT_RANKING_KEY)]
    assert found.get(INTENT)["name"] == "thank"
    assert confidences == sorted(confidences, reverse=True) and len(confidences) <= 10 and sum(confidences) <= 1 + 1e-6


def test_an_intent_with_too_few_examples_is_named(storage, some_examples, classifier):
    few = TrainingData([*some_examples.training_examples, classifier[0].process([message("x y", intent="lonely")])[0]])
    with pytest.raises(InvalidConfigException, match="'lonely' has 1 examples"):
        create(CalibratedIntentClassifier, storage).train(few)


def test_a_message_without_all_features_keeps_its_intent(classifier):
    earlier = {"name": "greet", "confidence": 0.99}
    [found] = classifier[1].process([message("thank you so much dear", intent=earlier)])
    assert found.get(INTENT) == earlier


def test_class_weights_are_half_way_between_none_and_balanced():
    weights = half_balanced(np.array(["rare"] * 2 + ["common"] * 8))
    assert weights["rare"] == pytest.approx(2 * weights["common"]) and weights["rare"] ** 2 == pytest.approx(10 / 4)


def test_the_temperature_undoes_overconfidence():
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 2000)
    scores = random.normal(size=(2000, 3)) + 2 * np.eye(3)[truth]
    assert fit_temperature(4 * scores, truth) == pytest.approx(4 * fit_temperature(scores, truth), rel=0.02)
    assert np.allclose(softmax(scores).sum(axis=1), 1)


# --- the decision


def ranked(text, *ranking, **properties):
    ranking = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return message(text, intent=ranking[0] if ranking else None, intent_ranking=ranking, **properties)


def decide(storage, given):
    [found] = create(FallbackClassifier, storage).process([given])
    return [entry["name"] for entry in found.get(INTENTS)], found


def test_a_red_flag_wins_over_everything(storage):
    given = ranked("x", ("thank", 0.99), red_flag="lungs.blood", other_language=True)
    assert decide(storage, given)[0] == ["emergency"]


@pytest.mark.parametrize("best", [("faq_pain_after", 0.6), ("faq_pain_after", 0.5), ("personal_medical_advice", 0.6)])
def test_only_a_question_of_a_topic_is_answered_though_it_may_be_an_emergency(storage, best):
    names, found = decide(storage, ranked("she fears the pain afterwards", best, ("emergency", 0.3)))
    asked = best == ("faq_pain_after", 0.6)
    assert names == ["faq_pain_after" if asked else "emergency"] and found.get(DOUBTED) == ("classifier" if asked else None)
    flagged = ranked("she fears the pain afterwards", best, ("emergency", 0.3), red_flag="heart.chest_pain")
    assert decide(storage, flagged)[0] == ["emergency"]


def test_a_red_flag_is_doubted_where_the_classifier_is_sure_of_a_question(storage):
    names, found = decide(storage, ranked("two bones collapsed", ("faq_cost", 0.97), red_flag="fainting.unconscious"))
    assert names == ["faq_cost"] and found.get(RED_FLAG) is None and found.get(DOUBTED) == "fainting.unconscious"
    assert decide(storage, ranked("thanks", ("thank", 0.97)))[1].get(DOUBTED) is None


@pytest.mark.parametrize(
    "intent, probability, warned",
    [("thank", 0.012, "classifier"), ("thank", 0.008, None), ("affirm", 0.012, None), ("emergency", 0.98, None)],
)
def test_what_may_yet_be_an_emergency_is_known_to_the_dialogue(storage, intent, probability, warned):
    ranking = [(intent, 1 - probability), ("emergency", probability)] if intent != "emergency" else [(intent, probability)]
    assert decide(storage, ranked("x", *ranking))[1].get(DOUBTED) == warned


def test_either_the_rules_or_the_classifier_suffice_for_an_emergency(storage):
    assert decide(storage, ranked("x", ("faq_risks", 0.5), ("emergency", 0.45)))[0] == ["emergency"]
    assert decide(storage, ranked("x", ("thank", 0.8), ("emergency", 0.17)))[0] == ["emergency"]
    assert decide(storage, ranked("x", ("thank", 0.8), ("emergency", 0.08)))[0] == ["thank"]


def test_in_a_language_that_is_not_served_an_emergency_must_be_a_sure_guess(storage):
    for confidence, intent in [(0.9, "nlu_other_language"), (0.96, "emergency")]:
        given = ranked("ich habe ruecken", ("emergency", confidence), other_language=True)
        assert decide(storage, given)[0] == [intent]


def test_an_unsure_message_offers_topics_only(storage):
    given = ranked("x", ("faq_risks", 0.2), ("greet", 0.15), ("faq_cost", 0.1), ("faq_duration", 0.1), ("stop", 0.1))
    names, found = decide(storage, given)
    assert names == ["nlu_fallback"] and found.get(OPTIONS) == ["faq_risks", "faq_cost", "faq_duration"]


@pytest.mark.parametrize("possible, answered", [(0.06, "emergency"), (0.04, "nlu_fallback")])
def test_what_is_unsure_and_may_be_an_emergency_is_one(storage, possible, answered):
    given = ranked("x", ("stop", 0.3), ("faq_risks", 0.2), ("emergency", possible))
    assert decide(storage, given)[0] == [answered]


def clause(first, last, *ranking, asks=True, half_of=None):
    return ranked("a clause", *ranking, span=(first, last), asks=asks, half_of=half_of)


@pytest.mark.parametrize(
    "ranking, properties",
    [
        ([("faq_cost", 0.97), ("emergency", 0.01)], {}),
        ([("faq_cost", 0.4)], {}),
        ([("affirm", 0.97)], {}),
        ([("faq_cost", 0.97)], {"red_flag": "suicidal.thoughts"}),
        ([("faq_cost", 0.97)], {"other_language": True}),
        ([("faq_cost", 0.97)], {"clauses": [clause(0, 1, ("emergency", 0.96))]}),
        ([], {}),
    ],
)
def test_a_red_flag_is_doubted_for_no_less(storage, ranking, properties):
    given = ranked("x", *ranking, **{"red_flag": "bleeding.heavy", **properties})
    names, found = decide(storage, given)
    assert names == ["emergency"] and found.get(RED_FLAG) and not found.get(DOUBTED)


def test_two_sure_questions_are_both_answered_in_order(storage):
    clauses = [clause(0, 1, ("faq_cost", 0.9)), clause(1, 2, ("faq_risks", 0.8))]
    given = ranked("x", ("faq_risks", 0.5), ("faq_cost", 0.4), clauses=clauses)
    assert decide(storage, given)[0] == ["faq_cost", "faq_risks"]


def test_the_best_of_several_cuts_decides(storage):
    one = [clause(0, 1, ("faq_cost", 0.5)), clause(1, 3, ("faq_duration", 0.5))]
    other = [clause(0, 2, ("faq_insurance_coverage", 0.9)), clause(2, 3, ("faq_risks", 0.9))]
    whole = [("faq_cost", 0.25), ("faq_duration", 0.25), ("faq_insurance_coverage", 0.25), ("faq_risks", 0.25)]
    assert decide(storage, ranked("x", *whole, clauses=[*one, *other]))[0] == ["faq_insurance_coverage", "faq_risks"]


def test_three_questions_are_answered_if_the_last_clause_ends_the_message(storage):
    clauses = [clause(0, 2, ("faq_cost", 0.95)), clause(2, 5, ("faq_risks", 0.95)), clause(5, 7, ("faq_duration", 0.95))]
    whole = [("faq_cost", 0.4), ("faq_risks", 0.3), ("faq_duration", 0.3)]
    assert decide(storage, ranked("x", *whole, clauses=clauses))[0] == ["faq_cost", "faq_risks", "faq_duration"]
    gap = [*clauses[:2], clause(6, 7, ("faq_duration", 0.95))]
    assert decide(storage, ranked("x", *whole, clauses=gap))[0] == ["faq_cost"]


def test_halves_that_no_sign_divides_must_be_surer(storage):
    for confidence, answered in [(0.9, ["faq_risks"]), (0.999, ["faq_cost", "faq_risks"])]:
        sure = [("faq_cost", confidence), ("faq_risks", confidence)]
        halves = [clause(first, first + 2, intent, half_of=(0, 4)) for first, intent in zip((0, 2), sure)]
        given = ranked("x", ("faq_risks", 0.5), ("faq_cost", 0.4), clauses=halves)
        assert decide(storage, given)[0] == answered


def test_of_all_halves_the_best_two_are_kept_or_none(storage):
    halves = [
        *(clause(0, 1, ("faq_cost", 0.5), half_of=(0, 3)), clause(1, 3, ("faq_risks", 0.9), half_of=(0, 3))),
        *(clause(0, 2, ("faq_cost", 0.99), half_of=(0, 3)), clause(2, 3, ("faq_risks", 0.99), half_of=(0, 3))),
        *(clause(3, 4, ("faq_cost", 0.9), half_of=(3, 5)), clause(4, 5, ("faq_cost", 0.9), half_of=(3, 5))),
    ]
    run = clause(0, 3, ("faq_risks", 0.9))
    given = ranked("x", ("faq_risks", 0.5), ("faq_cost", 0.4), clauses=[run, *halves])
    [found] = create(HalfChooser, storage).process([given])
    assert found.get(CLAUSES) == [run, *halves[2:4]]


def test_one_question_in_many_words_is_answered_once(storage):
    clauses = [clause(0, 1, ("faq_cost", 0.9)), clause(1, 2, ("faq_cost", 0.9))]
    assert decide(storage, ranked("x", ("faq_cost", 0.9), clauses=clauses))[0] == ["faq_cost"]


def test_a_story_before_the_question_is_no_second_question(storage):
    clauses = [clause(0, 1, ("faq_new_fractures", 0.9), asks=False), clause(1, 2, ("faq_brace_after", 0.9))]
    given = ranked("x", ("faq_brace_after", 0.9), ("faq_new_fractures", 0.02), clauses=clauses)
    assert decide(storage, given)[0] == ["faq_brace_after"]


def test_a_greeting_beside_a_question_is_no_second_question(storage):
    clauses = [clause(0, 1, ("greet", 0.99)), clause(1, 2, ("faq_risks", 0.8))]
    assert decide(storage, ranked("x", ("faq_risks", 0.9), clauses=clauses))[0] == ["faq_risks"]


@pytest.mark.parametrize(
    "given, name",
    [
        (lambda: ranked("?!"), "nlu_no_words"),
        (lambda: ranked("word " * 300, ("faq_risks", 0.9)), "nlu_too_long"),
        (lambda: ranked("wie lange", ("faq_duration", 0.6), other_language=True), "nlu_other_language"),
    ],
)
def test_what_cannot_be_answered_is_named(storage, given, name):
    assert decide(storage, given())[0] == [name]


@pytest.mark.parametrize(
    "text, own, wish",
    [
        ("can we speak turkish", "en", "tr"),
        ("je ne parle pas turc, français svp", "fr", "fr"),
        ("ingilizce konuşalım", "tr", "en"),
        ("another language please", "en", "en"),
    ],
)
def test_a_wish_for_a_language_changes_it(storage, text, own, wish):
    _, found = decide(storage, ranked(text, ("change_language", 0.9), language=own))
    assert found.get(LANGUAGE) == wish


# --- settings


@pytest.mark.parametrize(
    "component, config, complaint",
    [
        (LanguageIdentifier, {"prior": 0.2}, "prior=0.2"),
        (ClauseSplitter, {"min_words": 0}, "min_words=0"),
        (ClauseSplitter, {"max_halved": 0}, "max_halved=0"),
        (HalfChooser, {"least": "some"}, "least='some'"),
        (FallbackClassifier, {"several": "few"}, "several='few'"),
        (SentenceFeaturizer, {"encoders": ["bert"]}, "choose from use, e5"),
        (SentenceFeaturizer, {"encoders": []}, "choose from"),
        (SentenceFeaturizer, {"unless": 0}, "unless=0"),
        (SentenceFeaturizer, {"weight": 2}, "weight=2"),
        (NgramFeaturizer, {"min_ngram": 5}, "min_ngram=5"),
        (NgramFeaturizer, {"prefix": -1}, "prefix=-1"),
        (CalibratedIntentClassifier, {"C": 0}, "C=0"),
        (CalibratedIntentClassifier, {"folds": "four"}, "folds='four'"),
        (FallbackClassifier, {"answer": 1.5}, "answer=1.5"),
        (FallbackClassifier, {"red_flag_sure": 0}, "red_flag_sure=0"),
    ],
)
def test_a_wrong_setting_is_named_before_training(storage, component, config, complaint):
    with pytest.raises(InvalidConfigException, match=complaint):
        create(component, storage, **config)


def test_a_tracker_without_a_language_is_no_prior(identifier):
    [found] = identifier.process([message("merci beaucoup")], DialogueStateTracker.from_events("x", []))
    assert found.get(LANGUAGE) == "fr" and found.get(OTHER_LANGUAGE) is False
