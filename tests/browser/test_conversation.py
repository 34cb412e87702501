"""A patient with a mouse, then one with a keyboard: what is seen, said and pressed, in each language."""
import re

import pytest
from playwright.sync_api import expect

from bot.answers import spoken
from tests.browser.widget import Widget, demo, words
from tests.conftest import LANGUAGES

# a question, two in one message, and an emergency
SAID = {
    "en": {
        "faq_kyphoplasty_definition": "what exactly is kyphoplasty?",
        "both": "When can she get up, and what are the risks?",
        "emergency": "since this morning I can't feel my legs any more",
    },
    "fr": {
        "faq_kyphoplasty_definition": "la kyphoplastie c'est quoi au juste ?",
        "both": "Quand pourrai-je me lever et est-ce remboursé ?",
        "emergency": "depuis ce matin je ne sens plus mes jambes",
    },
    "tr": {
        "faq_kyphoplasty_definition": "kifoplasti dedikleri şey nedir acaba",
        "both": "Ne zaman ayağa kalkabilir, bir de riskleri neler?",
        "emergency": "bu sabahtan beri bacaklarımı hissetmiyorum",
    },
}
SECOND = {"en": "faq_risks", "fr": "faq_insurance_coverage", "tr": "faq_risks"}


def text(variations, code):
    return next(each["text"] for each in variations if each["metadata"]["language"] == code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_whole_conversation(visitor, catalogue, clinic, vague, code):
    page = visitor(locale=code).new_page()
    widget = Widget(page, code)
    page.goto(demo(code))
    expect(widget.opener).to_have_text(words("open", code))
    widget.opener.click()
    notice = widget.dialog.locator(".privacy")
    expect(notice).to_contain_text(str(clinic.keep_conversations_days))
    expect(notice).to_contain_text(clinic.emergency_number)
    widget.button("privacy_accept").click()
    expect(widget.answers).to_have_count(1)
    expect(widget.input).to_be_focused()

    topic, said = "faq_kyphoplasty_definition", SAID[code]
    texts = {name: text(variations, code) for name, variations in catalogue.responses(clinic).items()}
    answer = catalogue.answers[topic]
    assert widget.say(said[topic]) == [spoken(answer.full[code])]
    last = widget.answers.last
    expect(last).to_have_attribute("lang", code)
    last.locator("summary").click()
    assert last.locator("details li").all_text_contents() == [
        f"{catalogue.documents[key]['title']} ({catalogue.documents[key]['publisher']})" for key in answer.sources
    ]
    assert widget.press(last.locator(".simpler")) == [spoken(answer.simple[code])]
    assert widget.patients.last.locator(".text").text_content() == words("simpler", code)

    up = widget.answers.nth(2).locator(".thumbs_up")
    widget.press(up)
    expect(up).to_have_attribute("aria-pressed", "true")

    both = widget.say(said["both"], answers=2)
    assert both == [texts["utter_faq_getting_up"], texts[f"utter_{SECOND[code]}"]]
    offered = widget.answers.last.locator(".buttons button").first
    title = offered.text_content()
    [answered] = widget.press(offered)
    assert answered in [texts[f"utter_{name}"] for name, a in catalogue.answers.items() if a.title[code] == title]
    assert widget.patients.last.locator(".text").text_content() == title

    assert widget.say(vague[code][0]) == [texts["utter_did_you_mean"]]
    assert widget.answers.last.locator(".buttons button").count() >= 2

    [person] = widget.press(widget.button("talk_to_person"))
    assert clinic.phone in person
    assert widget.patients.last.locator(".text").text_content() == words("talk_to_person", code)
    assert widget.answers.last.locator("a[href^='tel:']").first.get_attribute("href") == "tel:" + re.sub(
        r"[^\d+]", "", clinic.phone
    )

    widget.say(said["emergency"])
    banner = widget.answers.last.locator(".banner")
    expect(banner).to_have_attribute("role", "alert")
    call = banner.get_by_role("link", name=words("call_emergency", code))
    assert call.get_attribute("href") == f"tel:{clinic.emergency_number}"
    assert call.bounding_box()["height"] >= 44

    before = widget.transcript()
    page.reload()
    widget.opener.click()
    expect(widget.messages).to_have_count(len(before))
    assert widget.transcript() == before
    pressed = widget.dialog.locator(".thumbs_up[aria-pressed=true]")
    expect(pressed).to_have_count(1)
    order = widget.messages.evaluate_all("nodes => nodes.map(node => Number(node.dataset.seq))")
    assert order == sorted(set(order)) and len(order) == len(before)


def test_answers_that_come_together_are_read_from_the_first_of_them(visitor):
    widget = Widget(visitor(viewport={"width": 390, "height": 780}).new_page())
    widget.start()
    widget.say(SAID["en"]["both"], answers=2)
    first, second = widget.answers.nth(-2), widget.answers.last
    log = widget.dialog.locator(".log").bounding_box()
    assert 0 <= first.bounding_box()["y"] - log["y"] < 40
    assert second.bounding_box()["y"] > first.bounding_box()["y"]

    widget.say("How long does the operation take?")
    assert widget.answers.last.bounding_box()["y"] >= log["y"]
    assert first.bounding_box()["y"] < log["y"]


def test_with_the_keyboard_alone(widget, catalogue):
    page, keyboard = widget.page, widget.page.keyboard
    page.goto(demo())
    expect(widget.opener).to_be_visible()

    def tab_to(locator, key="Tab", most=40):
        for _ in range(most):
            if locator.evaluate("node => node.getRootNode().activeElement === node"):
                outline = locator.evaluate("node => getComputedStyle(node).outline")
                assert "solid" in outline and "3px" in outline, outline
                return
            keyboard.press(key)
        raise AssertionError(f"{locator} cannot be reached with {key}")

    tab_to(widget.opener)
    keyboard.press("Enter")
    tab_to(widget.button("privacy_accept"))
    keyboard.press("Enter")
    expect(widget.answers).to_have_count(1)
    keyboard.type("How long does the operation take?")
    keyboard.press("Enter")
    widget.heard(1)
    expect(widget.input).to_be_focused()

    tab_to(widget.answers.last.locator(".simpler"), "Shift+Tab")
    keyboard.press("Space")
    assert widget.heard(2) == [spoken(catalogue.answers["faq_duration"].simple["en"])]
    tab_to(widget.answers.last.locator("summary"))
    keyboard.press("Enter")
    expect(widget.answers.last.locator("details li").first).to_be_visible()
    tab_to(widget.answers.last.locator(".thumbs_down"))
    keyboard.press("Enter")
    widget.heard(3)
    tab_to(widget.answers.last.locator(".buttons button").first, "Shift+Tab")
    keyboard.press("Enter")
    widget.heard(4)

    tab_to(widget.dialog.locator("[data-code=fr]"), "Shift+Tab")
    keyboard.press("Enter")
    widget.code = "fr"
    expect(widget.input).to_have_attribute("placeholder", words("placeholder", "fr"))
    tab_to(widget.dialog.locator("[aria-expanded]"), "Shift+Tab")
    keyboard.press("Enter")
    expect(widget.dialog.locator(".options")).to_be_visible()
    tab_to(widget.button("larger"))
    keyboard.press("Enter")
    expect(page.locator("clinic-assistant")).to_have_attribute("data-size", "2")
    keyboard.press("Escape")
    expect(widget.dialog.locator(".options")).to_be_hidden()
    keyboard.press("Escape")
    expect(widget.dialog).to_be_hidden()
    expect(widget.opener).to_be_focused()


def test_on_a_phone_the_focus_stays_inside_until_escape(visitor):
    widget = Widget(visitor(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True).new_page()).start()
    seen = set()
    for key in ["Tab"] * 25 + ["Shift+Tab"] * 25:
        widget.page.keyboard.press(key)
        seen.add(widget.page.evaluate("document.activeElement.localName"))
    assert seen == {"clinic-assistant"}
    widget.page.keyboard.press("Escape")
    expect(widget.opener).to_be_focused()


def test_the_language_can_be_changed_in_the_middle(widget, catalogue):
    widget.start()
    widget.say("How long does the operation take?")
    before = widget.transcript()
    widget.speak("tr")
    assert widget.transcript() == before, "what was said stays as it was said"
    assert widget.answers.last.get_attribute("lang") == "en"
    expect(widget.dialog).to_have_attribute("lang", "tr")
    expect(widget.input).to_have_attribute("placeholder", words("placeholder", "tr"))
    expect(widget.button("send")).to_be_visible()
    expect(widget.answers.last.locator(".simpler")).to_have_text(words("simpler", "tr"))
    assert widget.press(widget.answers.last.locator(".simpler")) == [spoken(catalogue.answers["faq_duration"].simple["tr"])]
    assert widget.say("riskleri neler?") == [spoken(catalogue.answers["faq_risks"].full["tr"])]
    assert widget.answers.last.get_attribute("lang") == "tr"
    assert widget.transcript()[: len(before)] == before
    widget.page.reload()
    expect(widget.opener).to_have_text(words("open", "tr"))


def test_the_first_language_is_the_pages_then_the_browsers(visitor):
    for url, locale, expected in ((demo("fr"), "tr-TR", "fr"), (demo("en"), "tr-TR", "en"), (demo("xx"), "tr-TR", "tr")):
        widget = Widget(visitor(locale=locale).new_page())
        widget.page.goto(url)
        expect(widget.opener).to_have_text(words("open", expected))


def test_keeping_printing_erasing(widget, catalogue):
    widget.page.add_init_script("window.print = () => { window.printed = true; }")
    widget.start()
    [answer] = widget.say("How long does the operation take?")
    with widget.page.expect_download() as download:
        widget.options().button("save").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "How long does the operation take?" in text and answer in text
    assert download.value.suggested_filename.endswith(".txt")

    widget.button("print").click()
    assert widget.page.evaluate("window.printed")
    widget.page.emulate_media(media="print")
    paper = widget.page.locator("clinic-assistant .paper")
    expect(paper).to_be_visible()
    expect(paper).to_contain_text(answer)
    expect(widget.page.locator("main h1").first).to_be_hidden()
    widget.page.evaluate("dispatchEvent(new Event('afterprint'))")
    widget.page.emulate_media(media="screen")
    expect(widget.page.locator("main h1").first).to_be_visible()

    widget.button("forget").click()
    widget.button("forget_yes").click()
    expect(widget.status).to_contain_text(words("forgotten"))
    expect(widget.messages).to_have_count(1)
    widget.page.reload()
    widget.opener.click()
    expect(widget.messages).to_have_count(1)


def test_speech_is_offered_only_where_the_browser_has_it_and_is_off_at_first(visitor):
    widget = Widget(visitor().new_page()).start()
    widget.say("How long does the operation take?")
    listen = widget.answers.last.locator(".listen")
    expect(listen).to_be_hidden()
    expect(widget.dialog.locator(".mic")).to_be_hidden()
    widget.options()
    for key in ("read_aloud", "voice"):
        switch = widget.dialog.get_by_role("switch", name=words(key))
        expect(switch).to_have_attribute("aria-checked", "false")
        expect(widget.dialog.locator(".options")).to_contain_text(words(f"{key}_note"))
        switch.click()
    widget.button("back").click()
    expect(widget.dialog.locator(".mic")).to_be_visible()
    listen.click()
    expect(widget.status).to_contain_text(words("no_voice"))  # there is none on a machine without speakers

    mute = visitor()
    mute.add_init_script(
        "for (const name of ['speechSynthesis', 'SpeechRecognition', 'webkitSpeechRecognition'])"
        " Object.defineProperty(window, name, { value: undefined });"
    )
    widget = Widget(mute.new_page()).start().options()
    expect(widget.button("print")).to_be_visible()
    assert widget.dialog.get_by_role("switch").count() == 1
