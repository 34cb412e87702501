"""The widget as a patient handles it, for tests and screenshots: what can be seen and pressed, by its labels."""
from __future__ import annotations

import re
import shutil

from playwright.sync_api import Page, expect

from bot.channels.page import config, label
from bot.cli.server import address

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "The browser tests need Chromium, and none was found. Debian, Ubuntu: apt-get install chromium"
expect.set_options(timeout=20_000)


def chromium() -> str | None:
    """Returns the path of the system's own Chromium, None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def demo(code: str = "en") -> str:
    """Returns the address of the demo page in one language."""
    return f"{address()}/webhooks/web/widget/demo.html?lang={code}"


def words(key: str, code: str = "en", **facts) -> str:
    """Returns a label of the widget as the patient reads it."""
    clinic = config()["clinic"]
    facts = {"clinic_name": clinic["name"], "clinic_phone": clinic["phone"], **clinic, **facts}
    return re.sub(r"\{(\w+)\}", lambda found: str(facts[found.group(1)]), label(key, code)).strip()


class Widget:
    """The widget on `page`; `code` is the language its labels are in now."""

    def __init__(self, page: Page, code: str = "en") -> None:
        self.page, self.code = page, code
        part = page.locator("clinic-assistant").locator
        self.opener, self.dialog, self.input, self.log = part(".open"), part("dialog"), part("#input"), part(".log")
        self.messages, self.answers = part(".message"), part(".message.assistant")
        self.patients, self.pending = part(".message.patient"), part(".message.pending")
        self.typing, self.status = part(".typing"), part(".status")

    def button(self, key: str):
        """Returns the visible button with this label."""
        return self.dialog.get_by_role("button", name=words(key, self.code), exact=True).locator("visible=true")

    def start(self, url: str | None = None) -> Widget:
        """Goes to the page, opens the widget and agrees; returns when the greeting is there."""
        self.page.goto(url or demo(self.code))
        self.opener.click()
        self.button("privacy_accept").click()
        expect(self.answers).to_have_count(1)
        return self

    def options(self) -> Widget:
        """Opens the options."""
        self.dialog.get_by_role("button", name=words("menu", self.code), exact=True).click()
        return self

    def speak(self, code: str) -> None:
        """Switches the language."""
        self.dialog.locator(f".languages [data-code={code}]").click()
        self.code = code

    def say(self, text: str, *, answers: int | None = 1) -> list:
        """Sends `text` and returns the words of the answers that came, in order; None: however many."""
        before = self.answers.count()
        self.input.fill(text)
        self.input.press("Enter")
        return self.heard(before, answers)

    def press(self, button, *, answers: int = 1) -> list:
        """Presses a button that speaks for the patient, and returns the words of the answers."""
        before = self.answers.count()
        button.click()
        return self.heard(before, answers)

    def heard(self, before: int, answers: int | None = 1) -> list:
        """Returns the words of the answers after the first `before`, when they are there and all was sent."""
        if answers is None:
            expect(self.answers.nth(before)).to_be_visible()
            expect(self.typing).to_be_hidden()
        else:
            expect(self.answers).to_have_count(before + answers)
        expect(self.pending).to_have_count(0)
        return self.answers.locator(".text").all_text_contents()[before:]

    def transcript(self) -> list:
        """Returns who said what, in the order of the page."""
        return self.messages.evaluate_all(
            "nodes => nodes.map(n => [n.classList.contains('patient') ? 'patient' : 'assistant',"
            " n.querySelector('.text').textContent])"
        )
