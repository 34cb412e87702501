"""What of a message is understood: without the courtesy around it, and not by how loudly it is typed."""
import pytest

from bot.nlu.languages import LANGUAGES, fold
from bot.nlu.wording import encoded, said


@pytest.mark.parametrize(
    "text, what",
    [
        ("Good morning doctor, sorry to bother you. Is it long? Thank you so much, kind regards", "Is it long?"),
        ("Hi Dr Smith, how are you? i have a quick question: is it safe please", "is it safe"),
        ("Dear sir or madam, my mum's back broke. Yours sincerely, Mrs E. Jones", "my mum's back broke"),
        ("Bonjour Mme Durand, excusez-moi de vous déranger. C'est long ? Merci d'avance, bien cordialement", "C'est long ?"),
        ("bsr svp c koi le ciment merci bcp", "c koi le ciment"),
        ("merci beaucoup, et l'œdème ?", "et l'œdème ?"),
        ("combien ça coûte ? sincèrement, Mme Petit", "combien ça coûte ?"),
        ("Good morning doctor. reimbursement", "reimbursement"),
        ("possible complications. Thank you!", "possible complications"),
        ("my husband fainted in the hall.", "my husband fainted in the hall"),
        ("Thank you kindly, young man...", "Thank you kindly, young man"),
        ("is it safe. regards, John Smith", "is it safe"),
        ("İyi günler hocam, rahatsız ediyorum kusura bakmayın. Kaç saat sürer? Şimdiden çok teşekkürler", "Kaç saat sürer?"),
        ("merhaba bir şey sormak istiyorum korse lazım mı lütfen", "korse lazım mı"),
        ("Selamün aleyküm, nasılsınız. ÇİMENTO NEDİR", "ÇİMENTO NEDİR"),
        ("merhaba, what is kyphoplasty, merci", "what is kyphoplasty"),
    ],
)
def test_courtesy_around_what_is_said_is_not_a_part_of_it(text, what):
    assert said(text) == what


@pytest.mark.parametrize(
    "text",
    [
        *("hello", "Good morning", "thank you so much doctor", "Kind regards, Margaret", "please"),
        *("bonjour docteur", "merci pour votre réponse", "s'il vous plaît", "merhaba hocam"),
        *("çok teşekkür ederim", "kusura bakmayın"),
    ],
)
def test_where_nothing_else_is_said_the_courtesy_is_the_message(text):
    assert said(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "how are you going to do the operation",
        "Thank you kindly, young man",
        "thank you for everything, goodbye",
        "Whom can I thank for this?",
        "what can I do as regards pain",
        "je veux sincèrement savoir pourquoi",
        "on m'a dit bonjour et puis plus rien",
        "selam vermek için uğramıştım",
        "Привет, hello",
        "",
    ],
)
def test_words_that_only_sound_polite_stay(text):
    assert said(text) == text


@pytest.mark.parametrize("text", ["regards " * 500, "merci bien a vous " * 300, "hello sorry to bother you but " * 300])
def test_nobody_can_be_endlessly_polite(text):
    assert text.strip().endswith(said(text)) or said(text) in text


@pytest.mark.parametrize(
    "code, text",
    [("en", "Is It Safe for my mum?"), ("fr", "Ça Dure combien, l'été ?"), ("tr", "Kırık Işığa mı bağlı, İlaç?")],
)
def test_capitals_change_nothing_of_what_is_encoded(code, text):
    small, shouted = LANGUAGES[code].lower(text), LANGUAGES[code].upper(text)
    assert encoded(text) == encoded(shouted) == encoded(small) == small


def test_capitals_without_turkish_letters_are_read_as_typed_on_a_foreign_keyboard():
    assert encoded("KIFOPLASTI NEDIR") == fold("kifoplasti nedir")


def test_emoji_and_repeated_marks_are_not_encoded_unless_there_is_nothing_else():
    assert encoded("is it safe 🙏😢 ???!!!") == "is it safe ?"
    assert encoded("😢") == "😢"
