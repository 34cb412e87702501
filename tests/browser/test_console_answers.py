"""An answer is edited with checks while typing, and approved by a colleague in another window."""
from playwright.sync_api import expect

from bot.answer_book import book
from bot.store.database import engine, metadata
from tests.browser.test_console import TABLET, check, sign_up, window  # noqa: F401 - a fixture

PAGE = "/answers/faq_getting_up"


def test_an_edit_is_checked_while_typing_and_approved_by_a_colleague(window):  # noqa: F811
    author, approver = window(viewport=TABLET), window()
    sign_up(author, "author", "editor")
    sign_up(approver, "second eyes", "approver")
    try:
        author.goto(f"{PAGE}/edit")
        words = author.locator("#simple-en")
        words.fill("You can get up after 7 hours. [1]")
        expect(author.locator("#faults")).to_contain_text("A figure that no fact with a document has")
        check(author, "faults")
        words.fill("One document says 12 hours. [1]\nDo what your care team tells you. [2]")
        expect(author.locator("#faults")).to_contain_text("Nothing to mend")
        expect(author.locator("#checked")).to_contain_text("One document says 12 hours. Do what your care team tells you.")
        author.locator("#reason").fill("Shorter")
        author.get_by_role("button", name="Save as a proposal").click()
        expect(author.get_by_role("button", name="Approve")).to_have_count(0)
        approver.goto("/answers?show=waiting")
        approver.locator("tbody a").click()
        expect(approver.locator("ins").first).to_be_visible()
        check(approver, "proposal")
        approver.get_by_role("button", name="Approve").click()
        expect(approver.locator(".tag.green")).to_have_text("said now")
        check(approver, "history")
        assert book().now().answers["faq_getting_up"].simple["en"].startswith("One document says 12 hours.")
        approver.get_by_role("button", name="Return to the delivered answer").click()
        expect(approver.get_by_text("Back to the delivered answer")).to_be_visible()
        assert book().own() == {}
    finally:
        book().publish("faq_getting_up", None)
        with engine().begin() as connection:
            for name in ("answer_versions", "answer_reviews"):
                connection.execute(metadata.tables[name].delete())
