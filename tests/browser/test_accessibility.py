"""Every state of the widget for everybody: axe-core, room on small and magnified screens, targets, contrast settings.

axe-core (Deque Systems, MPL-2.0) comes inside the package axe-playwright-python.
"""
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bot.answers import spoken
from tests.browser.widget import Widget, demo, words

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# as large as the browser's own zoom makes things: half the width at twice the pixels
SCREENS = {
    "desktop at 200 %": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
    "desktop at 400 %": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4},
    "phone": {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True},
    "small phone": {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True},
}
# what can be pressed and is not as large as a shaky finger needs, and what sticks out to the side
PROBLEMS = """() => {
  const root = document.querySelector('clinic-assistant').shadowRoot;
  const seen = node => node.getClientRects().length && getComputedStyle(node).visibility === 'visible';
  const name = node => `${node.localName}.${node.className}: ${node.textContent.trim().slice(0, 30)}`;
  const small = [...root.querySelectorAll('button, summary, textarea, a.call')].filter(seen).filter(node => {
    const { width, height } = node.getBoundingClientRect();
    return width < 43.5 || height < 43.5;
  });
  const outside = [...root.querySelectorAll('button, summary, textarea, a, p, h2, h3, .bubble, .text')].filter(seen)
    .filter(node => !node.matches('.vh, .vh *'))
    .filter(node => getComputedStyle(node).clipPath === 'none')
    .filter(node => { const box = node.getBoundingClientRect(); return box.left < -1 || box.right > innerWidth + 1; });
  const clipped = [...root.querySelectorAll('button, .text, p, .log, .sheet, .frame')].filter(seen)
    .filter(node => getComputedStyle(node).clipPath === 'none')
    .filter(node => node.scrollWidth > node.clientWidth + 1);
  const wide = document.documentElement.scrollWidth > innerWidth + 1 ? ['the page scrolls sideways'] : [];
  return [...small.map(node => `small ${name(node)}`), ...outside.map(node => `outside ${name(node)}`),
          ...clipped.map(node => `clipped ${name(node)}`), ...wide];
}"""


def axe(widget, state, **options):
    found = Axe().run(widget.page, options={**RULES, **options}).response["violations"]
    assert not found, (state, [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found])


def room(widget, state):
    assert widget.page.evaluate(PROBLEMS) == [], state


def states(widget):
    """Leads the widget through every state and yields the name of each."""
    page, context = widget.page, widget.page.context
    page.goto(demo(widget.code))
    expect(widget.opener).to_be_visible()
    yield "closed"
    widget.opener.click()
    yield "privacy notice"
    widget.button("privacy_decline").click()
    yield "declined"
    widget.button("privacy_accept").click()
    expect(widget.answers).to_have_count(1)
    yield "greeting"
    widget.say("How long does the operation take?")
    widget.answers.last.locator("summary").click()
    widget.press(widget.answers.last.locator(".thumbs_up"))
    yield "answer with sources and a verdict"
    widget.say("and my back then")
    yield "suggestions"
    widget.say("I can't feel my legs any more")
    yield "emergency"
    widget.input.fill("word " * 210)
    expect(widget.dialog.locator(".count")).to_be_visible()
    yield "too long"
    widget.input.fill("")
    widget.options()
    yield "options"
    widget.button("forget").click()
    yield "sure to erase"
    widget.button("forget_no").click()
    widget.dialog.get_by_role("switch", name=words("voice", widget.code)).click()
    widget.dialog.get_by_role("switch", name=words("read_aloud", widget.code)).click()
    widget.button("larger").click()
    widget.button("larger").click()
    yield "options in the largest text"
    widget.button("back").click()
    widget.answers.last.scroll_into_view_if_needed()
    yield "largest text"
    context.set_offline(True)
    widget.input.fill("thanks")
    widget.input.press("Enter")
    expect(widget.status).to_contain_text(words("offline", widget.code)[:20])
    yield "offline"
    context.set_offline(False)
    expect(widget.pending).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state_on_a_desktop(visitor, scheme):
    widget = Widget(visitor(color_scheme=scheme).new_page())
    for state in states(widget):
        axe(widget, (scheme, state))
        room(widget, (scheme, state))


@pytest.mark.parametrize("screen", SCREENS)
def test_everything_has_room_and_can_be_hit_on_other_screens(visitor, screen):
    widget = Widget(visitor(**SCREENS[screen]).new_page())
    for state in states(widget):
        room(widget, (screen, state))


@pytest.mark.parametrize("code", ["fr", "tr"])
def test_the_other_languages_have_room_too(visitor, code):
    widget = Widget(visitor(**SCREENS["small phone"], locale=code).new_page(), code)
    widget.page.goto(demo(code))
    widget.opener.click()
    room(widget, "privacy notice")
    widget.button("privacy_accept").click()
    expect(widget.answers).to_have_count(1)
    widget.say({"fr": "combien de temps dure l'opération ?", "tr": "ameliyat ne kadar sürer?"}[code])
    room(widget, "answer")
    axe(widget, (code, "answer"))
    widget.options()
    room(widget, "options")
    axe(widget, (code, "options"))


def test_the_wishes_of_the_system_are_followed(visitor):
    page = visitor(forced_colors="active", reduced_motion="reduce", color_scheme="dark").new_page()
    widget = Widget(page).start()
    widget.say("How long does the operation take?")
    moving = page.evaluate(
        "[...document.querySelector('clinic-assistant').shadowRoot.querySelectorAll('*')].flatMap(node =>"
        " [null, '::before'].map(part => getComputedStyle(node, part).animationName)).filter(name => name !== 'none')"
    )
    assert moving == []
    border = widget.patients.last.locator(".bubble").evaluate(
        "node => [getComputedStyle(node).borderTopStyle, getComputedStyle(node).borderTopWidth]"
    )
    assert border == ["solid", "2px"]
    # axe compares the page's own colours, which the system has replaced
    axe(widget, "forced colours", rules={"color-contrast": {"enabled": False}})


def test_the_check_for_room_sees_what_it_should(widget):
    widget.start()
    widget.page.evaluate(
        "document.querySelector('clinic-assistant').shadowRoot.querySelector('.send').style.cssText ="
        " 'min-height: 0; min-width: 0; height: 20px; width: 30px; position: fixed; left: -20px'"
    )
    assert len(widget.page.evaluate(PROBLEMS)) >= 2


def test_the_clinics_own_colours_are_taken(widget):
    widget.page.goto(demo())
    expect(widget.opener).to_be_visible()
    widget.page.evaluate("document.body.style.setProperty('--assistant-accent', 'rgb(90, 0, 90)')")
    expect(widget.opener).to_have_css("background-color", "rgb(90, 0, 90)")


def test_a_screen_reader_hears_what_is_new_in_order_and_in_its_language(widget, catalogue):
    widget.start()
    log = widget.dialog.get_by_role("log", name=words("conversation"))
    expect(log).to_have_attribute("aria-live", "polite")
    assert log.get_attribute("aria-busy") is None
    widget.page.evaluate(
        "window.heard = []; const log = document.querySelector('clinic-assistant').shadowRoot.querySelector('.log');"
        "new MutationObserver(all => all.forEach(one => one.addedNodes.forEach(node => { if (node.matches('.assistant'))"
        " heard.push([node.lang, node.querySelector('.text').textContent]); }))).observe(log, { childList: true })"
    )
    widget.say("When can I get up, and what are the risks?", answers=2)
    widget.say("Ameliyat ne kadar sürer?")
    expected = [("en", "faq_getting_up"), ("en", "faq_risks"), ("tr", "faq_duration")]
    assert widget.page.evaluate("heard") == [[code, spoken(catalogue.answers[name].full[code])] for code, name in expected]
