"""Pictures of the widget's important states, as patients see them, in reports/screenshots/.

make screenshots          starts the assistant for the time being if it is not running
"""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Callable, Dict, Tuple

from playwright.sync_api import Browser, sync_playwright

from bot.cli.server import running
from bot.settings import ROOT
from tests.browser.widget import MISSING, Widget, chromium, demo

FOLDER = ROOT / "reports" / "screenshots"
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
SMALL = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
ZOOMED = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
ASKED = {
    "en": "How long does the operation take?",
    "fr": "Combien de temps dure l'opération ?",
    "tr": "Ameliyat ne kadar sürer?",
}


def _closed(widget: Widget) -> None:
    widget.page.goto(demo(widget.code))
    widget.opener.wait_for()


def _consent(widget: Widget) -> None:
    _closed(widget)
    widget.opener.click()


def _conversation(widget: Widget) -> None:
    widget.start()
    widget.say(ASKED[widget.code])


def _emergency(widget: Widget) -> None:
    _conversation(widget)
    widget.say("since this morning I can't feel my legs any more")


def _in_case(widget: Widget) -> None:
    widget.start()
    widget.say("am I going to suffocate from a bit of loose cement one day?", answers=2)


def _did_you_mean(widget: Widget) -> None:
    widget.start()
    widget.say("and my back then")


def _sources(widget: Widget) -> None:
    _conversation(widget)
    widget.answers.last.locator("summary").click()
    widget.press(widget.answers.last.locator(".thumbs_up"))


def _options(widget: Widget) -> None:
    _conversation(widget)
    widget.options()


def _large(widget: Widget) -> None:
    _options(widget)
    widget.button("larger").click()
    widget.button("larger").click()
    widget.button("back").click()


def _offline(widget: Widget) -> None:
    _conversation(widget)
    widget.page.context.set_offline(True)
    widget.input.fill("Is it paid for?")
    widget.input.press("Enter")
    widget.page.wait_for_timeout(300)


# file name: state, language, window
PICTURES: Dict[str, Tuple[Callable[[Widget], None], str, dict]] = {
    "closed": (_closed, "en", DESKTOP),
    "closed-phone": (_closed, "tr", PHONE),
    "consent": (_consent, "en", DESKTOP),
    "consent-320": (_consent, "fr", SMALL),
    "conversation-en": (_conversation, "en", DESKTOP),
    "conversation-fr": (_conversation, "fr", DESKTOP),
    "conversation-tr": (_conversation, "tr", DESKTOP),
    "sources": (_sources, "en", DESKTOP),
    "emergency": (_emergency, "en", DESKTOP),
    "emergency-phone": (_emergency, "en", PHONE),
    "in-case-phone": (_in_case, "en", PHONE),
    "did-you-mean": (_did_you_mean, "en", DESKTOP),
    "options": (_options, "en", DESKTOP),
    "offline": (_offline, "en", PHONE),
    "dark": (_sources, "en", {**DESKTOP, "color_scheme": "dark"}),
    "phone": (_conversation, "fr", PHONE),
    "phone-320": (_conversation, "tr", SMALL),
    "phone-320-largest-text": (_large, "en", SMALL),
    "zoom-200": (_conversation, "fr", ZOOMED),
    "forced-colours": (_sources, "en", {**DESKTOP, "forced_colors": "active", "color_scheme": "dark"}),
}


def make(browser: Browser, folder: Path, names: list) -> None:
    """Writes the pictures `names` to `folder`, as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        lead, code, window = PICTURES[name]
        context = browser.new_context(locale=code, **window)
        lead(Widget(context.new_page(), code))
        context.pages[0].mouse.move(1, 1)
        context.pages[0].wait_for_timeout(400)  # until scrolling has come to rest
        context.pages[0].screenshot(path=folder / f"{name}.png")
        context.close()
        print(folder / f"{name}.png")


def main() -> int:
    """Makes all pictures, or those named on the command line."""
    path = chromium()
    if path is None:
        print(MISSING)
        return 1
    with running(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        make(browser, FOLDER, sys.argv[1:] or list(PICTURES))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
