"""What is read from a patient's words while a request is made: contacts, names, corrections, opening hours."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from babel.dates import format_date
from hypothesis import assume, given
from hypothesis import strategies as st

from bot import yaml_files
from bot.scheduling import contacts, dates, form, hours, names, references
from bot.scheduling.form import FIELDS, as_data, as_slots, fields, step
from bot.scheduling.reading import Heard, Reading, read
from bot.settings import ROOT, load_clinic

TODAY = date(2026, 11, 18)  # a Wednesday
CLINIC = load_clinic(ROOT / "clinic.yml")
ORDINARY = yaml_files.read(ROOT / "tests" / "fixtures" / "ordinary.yml")


def heard(text, intent="nlu_fallback", language="en", confidence=0.4):
    return Heard(text, language, intent, confidence)


def said(asked, text, *more, **how):
    return read(asked, heard(text, *more, **how), CLINIC, TODAY)


PHONES = {
    "0470 12 34 56": "+32 470 12 34 56",
    "02 555 01 23": "+32 2 555 01 23",
    "my number is +32 470/12.34.56 thanks": "+32 470 12 34 56",
    "0032 470 12 34 56": "+32 470 12 34 56",
    "06 12 34 56 78": "+33 6 12 34 56 78",
    "+33 6 12 34 56 78": "+33 6 12 34 56 78",
    "0532 123 45 67": "+90 532 123 45 67",
    "+905321234567": "+90 532 123 45 67",
    "079 123 45 67": "+41 79 123 45 67",
    "+41 79 123 45 67": "+41 79 123 45 67",
    "(514) 555-0123": "+1 514-555-0123",
    "+1 514-987-6543": "+1 514-987-6543",
    "514-987-6543": "+1 514-987-6543",
    "+44 20 7946 0958": "+44 20 7946 0958",
    "12345678": None,
    "anna.peeters@example.com": "anna.peeters@example.com",
    "c'est Anna.Peeters@Example.com.": "Anna.Peeters@example.com",
    "ayşe@örnek.com": "ayşe@örnek.com",
    "anna @example.com": "anna@example.com",
    "anna@example": None,
    "anna@@example.com": None,
}


@pytest.mark.parametrize("text, value", PHONES.items())
def test_contacts_of_several_countries(text, value):
    found = contacts.read(text)
    assert found is not None and found.value == value


@pytest.mark.parametrize(
    "language, text",
    [
        ("en", "here please"),
        ("en", "this chat is fine"),
        ("en", "by WhatsApp"),
        ("fr", "ici"),
        ("fr", "dans cette conversation"),
        ("fr", "sur WhatsApp"),
        ("tr", "bu sohbetten"),
        ("tr", "buradan yazın"),
        ("tr", "WhatsApp'tan"),
    ],
)
def test_on_whatsapp_the_chat_itself_is_a_way_to_be_reached(language, text):
    message = Heard(text, language, "nlu_fallback", 0.4, chat=True)
    assert read("request_contact", message, CLINIC, TODAY).values == {"request_contact": contacts.CHAT}
    assert not said("request_contact", text, language=language).values  # a page of the website is none
    assert not form.by_chat("whatsapp", "callback") and not form.by_chat("web", "appointment")


def test_the_button_this_chat_counts_only_where_it_was_offered():
    pressed = Heard("", "en", "affirm", 1.0, "chat", True)
    assert read("request_contact", pressed, CLINIC, TODAY).values == {"request_contact": contacts.CHAT}
    assert not read("request_contact", Heard("", "en", "affirm", 1.0, "chat"), CLINIC, TODAY)
    number = Heard("no, 0470 12 34 56", "en", "deny", 0.9, chat=True)
    assert read("request_contact", number, CLINIC, TODAY).values == {"request_contact": "+32 470 12 34 56"}


NUMBERS = yaml_files.read(ROOT / "tests" / "fixtures" / "phones.yml")


@pytest.mark.parametrize("code", NUMBERS)
def test_telephone_numbers_in_a_sentence(code):
    assert len(NUMBERS[code]) >= 60
    found = {text: said("request_contact", text, language=code).values.get("request_contact") for text in NUMBERS[code]}
    assert {text: re.sub(r"[^+\d]", "", value or "") for text, value in found.items()} == NUMBERS[code]


@pytest.mark.parametrize("text", ["", "I do not want to", "14/12/2026", "2026-12-14", "between 10 and 14", "L4 and L5"])
def test_what_is_no_contact(text):
    assert contacts.read(text) is None


NAMES = {
    "Marie Dupont": "Marie Dupont",
    "marie dupont": "Marie Dupont",
    "MARIE DUPONT": "Marie Dupont",
    "My name is Jean-Pierre O'Neill": "Jean-Pierre O'Neill",
    "I'm Anna": "Anna",
    "Je m'appelle Élodie Lefèvre": "Élodie Lefèvre",
    "moi c'est François Noël": "François Noël",
    "Benim adım Ayşe Yılmaz": "Ayşe Yılmaz",
    "adım Çağla Öztürk.": "Çağla Öztürk",
    "Łukasz Wiśniewski": "Łukasz Wiśniewski",
    "Ingrid Bjørnsdóttir-Ångström": "Ingrid Bjørnsdóttir-Ångström",
    "Dr. Maria von der Heide": "Maria von der Heide",
    "Salih Demir": "Salih Demir",
    "Marie Dupont, 0470 12 34 56": "Marie Dupont",
    "her name is Rose Martin": "Rose Martin",
}


@pytest.mark.parametrize("text, value", NAMES.items())
def test_names_with_every_letter_of_europe(text, value):
    assert said("request_name", text).values["request_name"] == value


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "what are the risks?",
        "why do you need my name",
        "stop",
        "pourquoi voulez-vous mon nom ?",
        "neden",
        "12",
        "ok merci",
    ],
)
def test_what_is_no_name(text):
    assert "request_name" not in said("request_name", text).values


def test_a_topic_without_capitals_is_no_name():
    assert not said("request_name", "cement leakage", "faq_cement_leakage", confidence=0.9)
    assert names.bare("Rose Painter") == "Rose Painter"


def test_several_fields_in_one_sentence():
    found = said(None, "I'd like an appointment for my mother next Tuesday afternoon, 0470 12 34 56", "request_appointment")
    assert found.values["request_whom"] == "other" and found.values["request_contact"] == "+32 470 12 34 56"
    [window] = found.values["request_when"]
    assert (window["first"], window["half"]) == ("2026-11-24", "afternoon")
    found = said("request_name", "Marie Dupont, 0470 12 34 56, mardi matin", language="fr")
    assert set(found.values) == {"request_name", "request_contact", "request_when"}


@pytest.mark.parametrize(
    "text", ["Good morning, I want an appointment", "my back hurts since Tuesday, I need an appointment"]
)
def test_what_only_looks_like_a_day(text):
    assert "request_when" not in said(None, text, "request_appointment").values


@pytest.mark.parametrize(
    "text, field",
    [
        ("change the phone please", "request_contact"),
        ("the name is wrong", "request_name"),
        ("changer le jour", "request_when"),
        ("le nom est faux", "request_name"),
        ("telefonu değiştir", "request_contact"),
        ("gün yanlış", "request_when"),
    ],
)
def test_a_field_to_change(text, field):
    assert said("request_consent", text, "change_appointment").again == field


def test_a_correction_brings_the_new_value():
    [window] = said("request_consent", "no, Wednesday", "deny").values["request_when"]
    assert window["first"] == "2026-11-25"
    assert said("request_consent", "change the phone to 0470 99 88 77").values == {"request_contact": "+32 470 99 88 77"}
    [window] = said("request_contact", "non, mercredi", language="fr").values["request_when"]
    assert window["first"] == "2026-11-25"


@pytest.mark.parametrize(
    "text, language",
    [("oui, c'est exact", "fr"), ("c'est bon", "fr"), ("yes, it's right", "en"), ("evet, ben eminim", "tr")],
)
def test_a_yes_announces_nobody(text, language):
    assert said("request_consent", text, "affirm", language=language).values == {"request_consent": True}


@pytest.mark.parametrize(
    "text, language, whom",
    [
        ("I'd like an appointment for me", "en", "self"),
        ("je voudrais un rendez-vous pour moi", "fr", "self"),
        ("kendim için randevu istiyorum", "tr", "self"),
        ("I am calling for my mother, she needs an appointment", "en", "other"),
        ("I am in pain and need an appointment", "en", None),
    ],
)
def test_for_whom_it_is_may_be_said_at_once(text, language, whom):
    assert said(None, text, "request_appointment", language=language).values.get("request_whom") == whom


@pytest.mark.parametrize(
    "text, language",
    [
        ("I don't want to give my number", "en"),
        ("je ne veux pas donner mon numéro", "fr"),
        ("numaramı vermek istemiyorum", "tr"),
    ],
)
def test_a_refusal_is_answered_with_the_clinics_telephone(text, language):
    assert said("request_contact", text, "erase_my_data", language=language, confidence=0.9).problem == "unclear"


@pytest.mark.parametrize("text", ["back", "retour", "geri", "go back please", "Önceki soru"])
def test_going_back(text):
    assert said("request_when", text).again == "back"


@pytest.mark.parametrize(
    "text, problem",
    [
        ("Sunday", "closed"),
        ("Friday 20 November 2026 in the afternoon", None),
        ("yesterday", "past"),
        ("today", "today"),
        ("3 November", "past"),
        ("on 14/12/2029", "far"),
    ],
)
def test_days_the_clinic_does_not_see_anybody(text, problem):
    assert said("request_when", text).problem == problem


@pytest.mark.parametrize("asked", ["request_contact", "request_known", "request_consent", "request_change"])
def test_a_day_nobody_asked_for_is_left_alone_where_it_may_be_a_question(asked):
    assert not said(asked, "My surgery is next Tuesday, may I eat in the morning?", "out_of_scope", confidence=0.3)
    assert said(asked, "could it be Tuesday instead?").values["request_when"]


@pytest.mark.parametrize("text", ["Je suis sous Xarelto", "Ben Xarelto kullanıyorum", "I am taking Eliquis"])
def test_a_medicine_is_nobodys_name(text):
    assert "request_name" not in said("request_known", text).values


def test_what_is_plainly_said_beside_a_question_is_kept():
    text = "My name is Anna Peeters, what does it cost?"
    assert said("request_name", text, "faq_cost", confidence=0.9).values == {"request_name": "Anna Peeters"}


@pytest.mark.parametrize("text, problem", [("in March 2019", "past"), ("en mars 2019", "past"), ("in March 2027", None)])
def test_a_month_is_of_the_year_that_is_named(text, problem):
    found = said("request_when", text)
    assert found.problem == problem and (problem or found.values["request_when"][0]["first"] == "2027-03-01")


def test_a_negative_number_is_no_date():
    assert not said("request_when", "T-score -2.8")


def test_a_holiday_is_closed():
    clinic = CLINIC.copy(update={"closed_on": (date(2026, 12, 14),)})
    assert read("request_when", heard("14 December"), clinic, TODAY).problem == "closed"


@pytest.mark.parametrize("text", ["skip", "passer", "geç", "I'd rather not say", "je préfère ne pas dire"])
def test_what_may_be_skipped(text):
    text = text.replace("I'd ", "")
    assert said("request_reason", text).values == {"request_reason": ""}


@pytest.mark.parametrize(
    "intent, asked", [("stop", "request_reason"), ("faq_risks", "request_reason"), ("faq_risks", "request_when")]
)
def test_orders_and_questions_are_no_answers(intent, asked):
    assert not said(asked, "what are the risks on Tuesday?", intent, confidence=0.9)


@pytest.mark.parametrize("text", ["7KXM-92QP", "where is 7kxm-92qp ?", "7kxm 92qp", "7kxm92qp.", "réf. 7KXM-92QP, merci"])
def test_a_reference_is_known_by_its_hyphen_or_by_standing_alone(text):
    assert references.written(text) == references.possible(text) == ["7KXM-92QP"]


@pytest.mark.parametrize("text", ["please send 7kxm 92qp away", "iptal 7kxm92qp"])
def test_a_reference_without_its_hyphen_is_only_possible(text):
    assert references.written(text) == [] and "7KXM-92QP" in references.possible(text)


@given(st.integers(0, 99))
def test_each_reference_that_is_made_is_read_again(_):
    made = references.made()
    for sentence in ("{}", "where is {}?", "{} nerede"):
        for spelt in (made, made.lower()):
            assert references.possible(sentence.format(spelt)) == [made]


@pytest.mark.parametrize("code, sentence", [(code, sentence) for code in ORDINARY for sentence in ORDINARY[code]])
def test_an_ordinary_question_is_no_reference_and_answers_nothing(code, sentence):
    assert references.written(sentence) == []
    for asked in (*FIELDS["appointment"], "request_change"):
        assert not said(asked, sentence, "faq_results", code, confidence=0.9), asked


def test_the_form_asks_a_relative_for_both_names():
    assert "request_caller" in fields("appointment", {"request_whom": "other"})
    assert "request_caller" not in fields("appointment", {"request_whom": "self"})
    assert fields("callback", {}) == ["request_name", "request_contact", "request_consent"]


def test_what_changes_must_be_seen_before_it_is_sent():
    values = dict.fromkeys(FIELDS["appointment"], "x") | {"request_consent": True}
    changed = step("appointment", "request_consent", values, Reading({"request_contact": "y"}))
    assert changed["request_consent"] is None and changed["requested_slot"] == "request_consent"


def test_a_request_becomes_slots_again():
    slots = {"request_kind": "appointment", "request_whom": "self", "request_name": "A B", "request_contact": "a@b.org"}
    slots |= {"request_when": [], "request_reason": "", "request_known": "new"}
    again = as_slots(as_data(slots))
    assert again["request_name"] == "A B" and again["request_reason"] == "" and again["request_known"] == "new"


def test_opening_hours():
    zone = ZoneInfo(CLINIC.time_zone)
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=zone)
    assert not hours.is_open(CLINIC, friday) and hours.is_open(CLINIC, friday.replace(hour=9))
    assert hours.next_opening(CLINIC, friday) == datetime(2026, 11, 23, 8, 30, tzinfo=zone)


def test_on_a_holiday_nobody_is_there_and_the_next_opening_is_another_day():
    zone, staffed = ZoneInfo(CLINIC.time_zone), {"friday": "09:00-12:00"}
    clinic = CLINIC.copy(update={"closed_on": tuple(date(2026, 12, 25) + timedelta(days=ahead) for ahead in range(10))})
    christmas = datetime(2026, 12, 25, 10, 0, tzinfo=zone)
    assert not hours.is_open(clinic, christmas) and not hours.is_open(clinic, christmas, staffed)
    assert hours.next_opening(clinic, christmas) == datetime(2027, 1, 4, 8, 30, tzinfo=zone)
    assert hours.next_opening(clinic, christmas, staffed) == datetime(2027, 1, 8, 9, 0, tzinfo=zone)
    assert hours.next_opening(clinic, christmas, {}) is None


@given(
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)).map(phonenumbers.example_number),
    st.sampled_from([phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL]),
    st.sampled_from(["{}", "my number is {}.", "le {}, merci", "numaram {}"]),
)
def test_a_number_with_its_country_is_read_in_any_sentence(number, shape, sentence):
    written = sentence.format(phonenumbers.format_number(number, shape))
    found = said("request_contact", written).values["request_contact"]
    assert phonenumbers.parse(found, None) == number


@given(st.dates(TODAY + timedelta(days=1), TODAY + timedelta(days=360)), st.sampled_from(["en", "fr", "tr"]))
def test_a_whole_date_is_that_day_or_the_clinic_is_closed(day, language):
    shape = "d MMMM y EEEE" if language == "tr" else "EEEE d MMMM y"
    found = said("request_when", format_date(day, shape, language), language=language)
    if hours.open_on(CLINIC, day, None):
        assert [(w["first"], w["last"]) for w in found.values["request_when"]] == [(day.isoformat(), day.isoformat())]
    else:
        assert found.problem == "closed"


@given(
    st.lists(st.text("abcçdeéèfgğhıijklmnoöøprsşßtuüvwxyzżł", min_size=3, max_size=12), min_size=2, max_size=3),
    st.sampled_from(["en", "fr", "tr"]),
)
def test_a_name_comes_back_as_it_was_written(words, language):
    name = " ".join(word[0].upper() + word[1:] for word in words)
    assume(not any(dates.read(word, code, TODAY)[1] for word in words for code in ("en", "fr", "tr")))
    found = said("request_name", name, language=language).values
    assert found.get("request_name") in (name, None) and "request_contact" not in found


@pytest.mark.parametrize(
    ("text", "name", "day", "language"),
    [
        ("Cuma Yılmaz", "Cuma Yılmaz", None, "tr"),
        ("ben Salı Demir", "Salı Demir", None, "tr"),
        ("Friday Okafor", "Friday Okafor", None, "en"),
        ("my name is Minh Thu", "Minh Thu", None, "en"),
        ("Dimanche Lukusa", "Dimanche Lukusa", None, "fr"),
        ("John Smith Tuesday", "John Smith", "2026-11-24", "en"),
        ("John Smith, thu", "John Smith", "2026-11-19", "en"),
        ("Cem Salı günü", "Cem", "2026-11-24", "tr"),
        ("Cuma günü", None, "2026-11-20", "tr"),
        ("Next Friday", None, "2026-11-27", "en"),
        ("Vendredi Prochain", None, "2026-11-20", "fr"),
    ],
)
def test_a_day_can_be_a_name(text, name, day, language):
    found = said("request_name", text, language=language).values
    assert found.get("request_name") == name
    assert [window["first"] for window in found.get("request_when") or []] == [day] * (day is not None)


@pytest.mark.parametrize(
    ("text", "name", "language"),
    [
        ("ismail ışık", "İsmail Işık", "tr"),
        ("irene mitchell", "Irene Mitchell", "en"),
        ("ANNE IMBERT", "Anne Imbert", "fr"),
        ("CUMA YILMAZ", "CUMA YILMAZ", "tr"),
    ],
)
def test_a_name_gets_the_capitals_of_its_language(text, name, language):
    assert said("request_name", text, language=language).values["request_name"] == name


@pytest.mark.parametrize(
    ("text", "name", "language"),
    [
        ("Bengü Yılmaz", "Bengü Yılmaz", "tr"),
        ("ben Bengü Yılmaz", "Bengü Yılmaz", "tr"),
        ("Imbert Anne", "Imbert Anne", "en"),
        ("name:Anne Imbert", "Anne Imbert", "en"),
        ("Mr.Benson Clark", "Benson Clark", "en"),
        ("je m'appelle Mireille Imbert", "Mireille Imbert", "fr"),
    ],
)
def test_a_name_may_begin_like_the_words_that_announce_one(text, name, language):
    assert said("request_name", text, language=language).values["request_name"] == name


@given(
    st.text(max_size=200),
    st.sampled_from([None, *FIELDS["appointment"], "request_change"]),
    st.sampled_from(["en", "fr", "tr"]),
)
def test_no_text_breaks_the_reading(text, asked, language):
    found = said(asked, text, language=language)
    for window in found.values.get("request_when") or []:
        assert dates.Window.from_json(window).as_json() == window
    if asked == "request_name" and "request_name" in found.values:
        assert not any(c.isdigit() for c in found.values["request_name"])


@pytest.mark.parametrize(
    "asked, wait, due",
    [
        (datetime(2026, 11, 18, 9, 0), 4, datetime(2026, 11, 18, 13, 0)),
        (datetime(2026, 11, 18, 16, 0), 4, datetime(2026, 11, 19, 11, 30)),
        (datetime(2026, 11, 20, 14, 0), 2, datetime(2026, 11, 23, 9, 30)),  # over the weekend
        (datetime(2026, 11, 21, 12, 0), 8, datetime(2026, 11, 23, 16, 30)),
        (datetime(2026, 11, 18, 23, 0), 24, datetime(2026, 11, 24, 9, 0)),
    ],
)
def test_opening_hours_are_counted(asked, wait, due):
    zone = ZoneInfo(CLINIC.time_zone)
    assert hours.after(CLINIC, asked.replace(tzinfo=zone), wait) == due.replace(tzinfo=zone)
