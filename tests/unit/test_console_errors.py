"""What a page says when it fails: in one language, with the headers of every page."""
import re

import pytest
from starlette.testclient import TestClient

from bot.console.app import create
from bot.console.pages import PAGES, Page, whole
from bot.store import messages, staff
from bot.store.database import engine, metadata
from tests import events


@pytest.fixture
def member():
    """A browser in English in which somebody who chose Turkish is signed in, on a console with a page that fails."""

    def fails(_):
        raise RuntimeError("a fault")

    staff.accept(staff.invite("deniz", "reader"), "deniz", "four words nobody combines")
    staff.change("deniz", language="tr")
    PAGES.append(Page("/fails", "GET", "reader", fails))
    try:
        app = create()
    finally:
        PAGES.pop()
    client = TestClient(app, raise_server_exceptions=False, headers={"accept-language": "en"}, follow_redirects=False)
    client.cookies.set("console", staff.begin("deniz"))
    yield client
    with engine().begin() as connection:
        for name in ("staff", "staff_sessions"):
            table = metadata.tables[name]
            connection.execute(table.delete().where(table.c.name == "deniz"))


@pytest.mark.parametrize("path, status", [("/fails", 500), ("/staff", 403), ("/no-such-page", 404), ("/inbox/1", 403)])
def test_a_failure_is_said_in_the_language_of_the_account_with_the_way_on(member, path, status):
    answer = member.get(path)
    assert answer.status_code == status and 'lang="tr"' in answer.text and "<nav" in answer.text
    assert "This did not work" not in answer.text and "There is no such page" not in answer.text


def test_the_page_of_a_failure_has_the_headers_of_every_page(member):
    headers = member.get("/fails").headers
    assert "default-src 'none'" in headers["content-security-policy"] and headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"


def test_a_browser_without_account_is_told_in_its_own_language(member):
    member.cookies.clear()
    answer = member.get("/no-such-page", headers={"accept-language": "fr-BE,en"})
    assert answer.status_code == 404 and 'lang="fr"' in answer.text and "<nav" not in answer.text


@pytest.mark.parametrize("text", ["²", "-1", "1.5", "", None, "9" * 18, "x", "½"])
def test_what_is_no_number_of_a_database_is_none(text):
    assert whole(text) is None


def test_numbers_are_read():
    assert (whole("7"), whole("٣"), whole("9" * 17)) == (7, 3, int("9" * 17))


def test_a_conversation_that_the_index_has_not_read_yet_can_be_taken(member):
    events.empty()
    events.turn("web-new", "Hello, is anybody there?")
    staff.change("deniz", role="editor")
    csrf = re.search(r'name="csrf" value="(\w+)"', member.get("/account").text).group(1)
    assert messages.conversation("web-new") is None and member.get("/conversations/web-new").status_code == 200
    assert member.post("/conversations/web-new/take", data={"csrf": csrf}).status_code == 303
    assert member.post("/conversations/web-gone/take", data={"csrf": csrf}).status_code == 404
    events.empty()
