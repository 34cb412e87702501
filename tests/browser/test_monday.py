"""Monday morning, in one go: patients were not understood, a nurse says what they meant, a doctor approves, and it helps."""
import re
import socket

import pytest
from playwright.sync_api import expect

from bot.answers import spoken
from tests.browser.widget import Widget
from tests.conftest import RunningAssistant
from tests.http.console import PASSWORD

MISSED = [
    "Shall I break my piggy bank for it?",
    "Does the bill leave my piggy bank hungry?",
    "Do I sell the silver for this?",
]


@pytest.fixture
def running(path, small_clinic, tmp_path):
    """A small clinic that was just set up, with its website and console."""
    ports = {}
    for name in ("PORT", "ACTIONS_PORT", "CONSOLE_PORT"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports[f"ASSISTANT_{name}"] = str(probe.getsockname()[1])
    assistant = RunningAssistant(**{**small_clinic, **ports, "ASSISTANT_STATE": str(tmp_path)})
    assistant.start()
    yield assistant
    assistant.stop()


def until(page, text):
    """Reloads `page` until it says `text`."""
    for _ in range(100):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(text)).to_be_visible()


def join(page, link, name=None):
    page.goto(link)
    if name:
        page.get_by_label("Name").fill(name)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main button").click()


def test_what_was_missed_on_sunday_is_answered_on_monday(running, browser, catalogue):
    windows = [browser.new_context(locale="en-GB") for _ in range(3)]
    patient, nurse, doctor = (window.new_page() for window in windows)
    cost = spoken(catalogue.answers["faq_cost"].full["en"])[:40]
    widget = Widget(patient).start(f"{running.url}/webhooks/web/widget/demo.html?lang=en")
    # A model of few examples is sure of nothing: what to do in case may come before an answer.
    assert not any(cost in said for text in MISSED for said in widget.say(text, answers=None))

    first = re.search(r"http://\S+/welcome/\S+", running.log.read_text()).group()
    console = first.split("/welcome/")[0]
    join(nurse, first, "Nurse Ada")
    nurse.goto(f"{console}/staff")
    nurse.get_by_label("Name").fill("Doctor Ben")
    nurse.locator("#role").select_option("approver")
    nurse.get_by_role("button", name="Make a link").click()
    join(doctor, nurse.locator(".done code").inner_text())

    nurse.goto(f"{console}/?view=list")
    until(nurse, f"All {len(MISSED)}")
    for left in range(len(MISSED), 0, -1):
        card = nurse.locator("form.item").last  # the oldest first
        expect(nurse.locator("form.item")).to_have_count(left)
        card.locator("select").select_option("faq_cost")
        card.get_by_role("button", name="This one").click()
    expect(nurse.locator("form.item")).to_have_count(0)

    doctor.goto(f"{console}/improve/proposals")
    for left in range(len(MISSED), 0, -1):
        expect(doctor.get_by_role("button", name="Approve")).to_have_count(left)
        doctor.get_by_role("button", name="Approve").first.click()
    doctor.goto(f"{console}/improve")
    doctor.get_by_role("button", name="Train a candidate").click()
    expect(doctor.get_by_role("progressbar")).to_be_visible()
    doctor.get_by_role("button", name="Give it to patients").click(timeout=240_000)
    until(doctor, "Patients have got it since")

    # A test question: the model never saw it; the conversation went on meanwhile.
    assert cost in widget.say(MISSED[0], answers=None)[-1]
    doctor.get_by_role("button", name="Go back to the model before").click()
    until(doctor, "Patients have got it since")
    assert cost not in widget.say(MISSED[0], answers=None)[-1]
    for window in windows:
        window.close()
