"""Every page of the staff console in a real browser: axe-core, room on a tablet, keys, no script but its own."""
import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bot.cli.server import console_address
from bot.console.app import create
from bot.console.pages import PAGES
from bot.evaluation.comparison import Asked, compare
from bot.evaluation.questions import Question
from bot.store import assignments, filters, handovers, messages, proposals, requests, review, staff, threads, trainings
from bot.store.database import engine, metadata
from tests import events
from tests.browser.widget import Widget
from tests.events import turn
from tests.http.console import PASSWORD

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TABLET, DESKTOP = {"width": 768, "height": 1024}, {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# What a colleague looks at while signed in, and where; parts of pages are looked at inside them.
SEEN = {
    "/": ["/", "/?view=list&kind=unsure"],
    "/conversations": ["/conversations", "/conversations?flag=emergency&period=7", "/conversations?words=nothing+like+it"],
    "/conversations/{conversation}": ["/conversations/web-1", "/conversations/web-2"],
    "/conversations/{conversation}/test": ["/conversations/web-1/test"],
    "/improve": ["/improve"],
    "/improve/proposals": ["/improve/proposals"],
    "/requests": ["/requests", "/requests?state=closed"],
    "/inbox/{number:int}": ["/inbox/{number}"],
    "/answers": ["/answers", "/answers?show=waiting"],
    "/answers/{topic}": ["/answers/faq_getting_up"],
    "/answers/{topic}/edit": ["/answers/faq_getting_up/edit"],
    "/dashboard": ["/dashboard"],
    "/dashboard/messages": ["/dashboard/messages", "/dashboard/messages?topic=faq_embolism"],
    "/dashboard/people": ["/dashboard/people"],
    "/privacy": ["/privacy"],
    "/privacy/{conversation}": ["/privacy/web-1"],
    "/staff": ["/staff"],
    "/audit": ["/audit"],
    "/account": ["/account"],
    "/sign-in": [],
    "/welcome/{key}": [],
    "/shared/{key}": [],
}
PARTS = {"/waiting", "/conversations/{conversation}/talk", "/account/second-factor.svg"}
PARTS |= {"/answers.diff", "/dashboard.csv", "/dashboard/messages.csv"}  # files
PARTS |= {"/improve/progress", "/improve/changes.diff", "/improve/{number:int}/changes.diff"}
SMALL = """() => [...document.querySelectorAll('button, select, input, header a, .tabs a')]
  .filter(node => !node.matches('[type=checkbox], [type=hidden]'))
  .filter(node => node.getClientRects().length && node.getBoundingClientRect().height < 40).map(node => node.outerHTML)"""

INJECT = """() => new Promise(done => {
  addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
  document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.broken = 1' }));
})"""


@pytest.fixture
def window(path, browser, console):
    """Opens windows of the console; errors in pages and what the content policy stops fail the test."""
    contexts, problems = [], []

    def open_window(**how):
        context = browser.new_context(**{"base_url": console.url, "viewport": DESKTOP, "locale": "en-GB", **how})
        context.on("weberror", lambda error: problems.append(f"error in the page: {error.error}"))
        refused = ("Content Security Policy", "Refused")
        context.on("console", lambda said: problems.extend(said.text for word in refused if word in said.text))
        contexts.append(context)
        return context.new_page()

    open_window.problems = problems
    yield open_window
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def written():
    """A morning's log, with everything a page can show."""
    events.empty()
    alike = [["faq_getting_up", 0.25], ["faq_hospital_stay", 0.2]]
    turn("web-1", "My name is Mary Jones, <img src=x onerror=alert(1)> is it bad?", buttons=[("Why?", "/faq_risks")])
    turn("web-1", "Can I drive a car?", "nlu_fallback", ranking=alike)
    turn("web-2", "my legs are numb", "emergency", red_flag="legs")
    turn("web-2", "Puis-je conduire ?", "nlu_fallback", language="fr", ranking=alike)
    deadline = time.monotonic() + 60
    while len(messages.listed()) < 2 or len(review.missed()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    review.tag("web-1", "follow up")
    review.note("web-1", "ines", "Called <b>back</b>")
    handovers.ask("web-2", "fr", {"topics": [], "open_question": "Et après ?", "red_flags": ["legs"]}, ())
    data = {"whom": "self", "name": "Anna Peeters", "contact": "+32 470 12 34 56", "reason": "pain", "when": []}
    for kind in ("question", "callback"):
        made = requests.create("web-1", f"browser-{kind}", kind, "en", data, ())[0]
    requests.set_state(made.reference, "answered")
    assignments.assign("web-1", "web-1", "boss of pages")
    filters.save("boss of pages", "Emergencies", "flag=emergency&period=7")
    tried()
    yield
    for store in (requests, handovers, threads, proposals):
        store.forget("web-1")
        store.forget("web-2")
    events.empty()


def tried():
    """Adds proposals, and a candidate that was refused."""
    values = {"language": "fr", "intent": "faq_cost", "proposer": "ines", "conversation": "web-1", "text": "Et le prix ?"}
    states = {"open": "personal", "left out": "copy", "approved": None}
    proposals.add([{**values, "use": "test", "state": state, "why": why} for state, why in states.items()])
    asked = [Asked("held_out", "project", Question("Mes jambes ?", "fr", ("emergency",)))]
    old, new = ({"intent": name, "intents": [], "intent_ranking": []} for name in ("emergency", "faq_cost"))
    number = trainings.begin("ines")
    trainings.note(number, report=compare(asked, [old], [new]), base="0000", version="0001", model="assistant-0")
    trainings.end(number, trainings.DONE)


def sign_up(page, name, role, language="en"):
    """Makes an account by its link, as a new colleague does, and speaks `language` from then on."""
    page.goto(f"/welcome/{staff.invite(name, role)}")
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/")
    staff.change(name, language=language)


def check(page, what):
    """Holds a page against the rules of axe-core, and looks for what is too small to hit or sticks out."""
    page.evaluate("document.querySelectorAll('details').forEach(node => node.open = true)")
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, (what, [(each["id"], [node["html"][:140] for node in each["nodes"]]) for each in found])
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, what
    assert page.evaluate(SMALL) == [], what


@pytest.mark.parametrize("code, size", [("en", DESKTOP), ("fr", TABLET), ("tr", PHONE)])
def test_every_page_is_for_everybody(window, written, code, size):
    create()
    assert {page.path for page in PAGES if page.method == "GET"} == set(SEEN) | PARTS, "add the new page to SEEN"
    page = window(viewport=size, locale=code)
    page.goto("/sign-in")
    check(page, "sign-in")
    page.goto(f"/welcome/{staff.invite('boss of pages', 'administrator')}")
    check(page, "welcome")
    sign_up(page, "boss of pages", "administrator", code)
    number = review.missed()[0]["id"]
    for path in (path.replace("{number}", str(number)) for paths in SEEN.values() for path in paths):
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == code
        check(page, (code, path))
    page.goto("/conversations/web-1")
    page.locator("form[action$='/share'] button").click()
    link = page.locator("form[action$='/share']").locator("xpath=..").locator(".done code").inner_text()
    check(page, (code, "shared"))
    stranger = window(viewport=size, locale=code)
    stranger.goto(link)
    expect(stranger.locator(".talk li")).to_have_count(4)
    check(stranger, (code, "link"))
    page.goto("/no-such-page")
    check(page, (code, "error"))


def test_missed_questions_by_keys_alone(window, written):
    page = window()
    sign_up(page, "keys", "editor")
    expect(page.locator(".item")).to_have_count(1)  # both languages in one group
    page.keyboard.press("j")
    expect(page.locator(".item.now")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#undo")).to_contain_text("2 messages")
    expect(page.locator(".item")).to_have_count(0)
    assert review.missed() == []
    page.keyboard.press("u")
    expect(page.locator(".item")).to_have_count(1)
    assert len(review.missed()) == 2


def test_what_fails_leaves_the_page_as_it_is_and_what_is_undone_is_seen(window, written):
    page = window()
    sign_up(page, "clumsy", "editor")
    page.goto("/?kind=unsure")
    card = page.locator(".item")
    card.get_by_role("button", name="This one").click()
    expect(page.locator("#wrong")).to_contain_text("Choose an answer from the list")
    card.locator("input[type=checkbox]").first.uncheck()
    expect(card).to_have_count(1)
    page.keyboard.press("j")  # keys go on working after a tick
    page.keyboard.press("n")
    expect(page.locator("#undo")).to_contain_text("1 message: New topic needed")
    expect(page.locator("#wrong")).to_be_empty()
    expect(page.locator("#kinds a[aria-current]")).to_have_text("Not understood 1")
    page.keyboard.press("u")
    expect(page.locator("#undo .item")).to_be_focused()
    page.context.set_offline(True)
    page.locator("#undo .item button[data-key=n]").click()
    expect(page.locator("#wrong")).to_contain_text("does not answer")
    expect(page.locator("#undo .item")).to_have_count(1)


def test_a_key_pressed_the_moment_something_new_is_seen_does_not_leave_the_page(window, written):
    page = window()
    sign_up(page, "quick", "editor")
    page.goto("/?kind=unsure")
    page.evaluate("""() => {
        window.stillHere = true;
        const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "u", bubbles: true }));
        new MutationObserver((_, seen) => {
            if (document.querySelector("#undo button")) (seen.disconnect(), press());
        }).observe(document.body, { childList: true, subtree: true });
    }""")
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.locator("#undo .item")).to_be_focused()
    assert page.evaluate("window.stillHere")


def test_what_is_opened_stays_open_while_a_person_has_the_conversation(window, written):
    page = window()
    sign_up(page, "patient one", "editor")
    page.goto("/conversations/web-1")
    page.get_by_role("button", name="Take over").click()
    details = page.locator("#talk details").first
    details.locator("summary").click()
    with page.expect_response(lambda response: "/talk?" in response.url) as asked:
        pass
    assert asked.value.status == 204
    expect(details).to_have_attribute("open", "")
    turn("web-1", "I am still here")
    expect(page.locator("#talk")).to_contain_text("I am still here")


def test_a_session_that_ends_while_somebody_types_loses_nothing(window, written):
    page = window()
    sign_up(page, "slow", "editor")
    page.goto("/answers/faq_getting_up/edit")
    page.locator("#simple-en").fill("Your care team says when you can get up. [-]")
    expect(page.locator("#checked")).to_contain_text("Your care team says when")
    page.locator("#reason").fill("Shorter")
    with engine().begin() as connection:
        sessions = metadata.tables["staff_sessions"]
        connection.execute(sessions.update().where(sessions.c.name == "slow").values(seen=0))
    page.locator("#reason").press_sequentially("!")
    expect(page.locator("#wrong")).to_contain_text("Your session has ended")
    page.get_by_role("button", name="Save as a proposal").click()
    check(page, "signing in again")
    page.locator("#name").fill("slow")
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    expect(page.locator("main")).to_contain_text("Shorter!")
    check(page, "not sent yet")
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator(".changes")).to_have_count(1)  # the text, and none of the boxes
    expect(page.locator(".changes ins").first).to_contain_text("Your care team")
    page.get_by_role("button", name="Take it back").click()
    with engine().begin() as connection:
        connection.execute(metadata.tables["answer_versions"].delete())


def test_words_of_patients_run_nothing_and_only_own_scripts_are_allowed(window, written):
    page = window()
    sign_up(page, "safe", "administrator")
    page.goto("/conversations/web-1")
    expect(page.locator(".talk")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator(".talk img").count() == 0
    policy = page.request.get("/").headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    # the policy itself is what stops a script that got in all the same
    assert page.evaluate(INJECT).startswith("script-src") and page.evaluate("window.broken") is None
    assert [said for said in window.problems if "Content Security Policy" in said]
    window.problems.clear()
    page.context.clear_cookies()
    page.goto("/conversations")
    assert re.search(r"/sign-in\?to=%2Fconversations$", page.url)


def test_staff_and_patient_talk_in_widget_and_console(visitor, window, assistant):
    """The real assistant, and the console it was started with."""
    events.empty()
    widget = Widget(visitor().new_page()).start()
    widget.say("I would like to talk to a person")
    page = window(base_url=console_address())
    sign_up(page, "talker", "editor")
    page.locator("#waiting a").click()
    page.locator("#waiting-list a").last.click()
    page.get_by_role("button", name="Take over").click()
    page.locator("#text").fill("Good morning, this is the nurse of the clinic.")
    page.get_by_role("button", name="Send").click()
    expect(widget.log).to_contain_text("this is the nurse of the clinic")
    widget.input.fill("Thank you, I have one question")
    widget.input.press("Enter")
    expect(page.locator("#talk")).to_contain_text("Thank you, I have one question")  # without reloading the page
    page.get_by_role("button", name="Give back").click()
    expect(widget.log).to_contain_text("the assistant is back")
    assert any("How long" in said or "minutes" in said for said in widget.say("How long does the operation take?"))
