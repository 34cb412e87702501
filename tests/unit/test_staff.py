"""Accounts of staff, and what several of them do at once, on either database."""
import time

import pytest

from bot.store import assignments, filters, review, staff
from bot.store.database import engine, metadata
from tests.unit.databases import at_once, either, server  # noqa: F401 - fixtures

PASSWORD = "four words nobody combines"


@pytest.fixture(autouse=True)
def _empty(either):  # noqa: F811
    def empty():
        names = ("staff", "staff_invitations", "staff_attempts", "staff_sessions", "saved_filters", "assignments")
        with engine().begin() as connection:
            for table in (*(metadata.tables[name] for name in names), *review.OF_A_CONVERSATION):
                connection.execute(table.delete())

    empty()
    yield
    empty()


def made(name, role="editor"):
    return staff.accept(staff.invite(name, role), name, PASSWORD)


@pytest.mark.parametrize("change", [{"active": False}, {"role": "reader"}])
def test_a_link_from_before_does_not_undo_what_an_administrator_decided(change):
    made("ines", "administrator")
    key = staff.invite("ines", "administrator")
    staff.change("ines", **change)
    assert staff.invited(key) is None and staff.accept(key, "ines", PASSWORD) is None
    found = staff.find("ines")
    assert all(getattr(found, name) == value for name, value in change.items())
    assert made("ines").active  # a link made since lets them in again


def test_another_language_leaves_the_link_as_it_is():
    made("ines")
    key = staff.invite("ines", "editor")
    staff.change("ines", language="tr")
    assert staff.invited(key)


def test_only_use_prolongs_a_session():
    made("ines")
    key, table = staff.begin("ines"), metadata.tables["staff_sessions"]

    def seen(at=None):
        with engine().begin() as connection:
            if at:
                connection.execute(table.update().values(seen=at))
            return connection.execute(table.select()).one().seen

    before = seen(time.time() - 3_600)
    assert staff.who(key, prolong=False).name == "ines" and seen() == before
    assert staff.who(key).name == "ines" and seen() > before


def test_wrong_codes_are_counted_apart_from_what_somebody_types_as_a_name():
    for name in ("code/ines", "code ines", "ines"):
        for _ in range(6):
            staff.locked(name, staff.PASSWORD)
    assert staff.locked("ines", staff.PASSWORD) and not staff.locked("ines", staff.CODE)
    staff.forgive("ines")
    assert not staff.locked("ines", staff.PASSWORD)


def test_first_attempts_at_once_are_all_counted():
    assert sorted(at_once(staff.locked, [("ines", staff.PASSWORD)] * 8)) == [False] * 5 + [True] * 3


@pytest.mark.parametrize(
    "name, fits",
    [("Inès D'Hoore-Şahin", True), ("ines@clinic.example", True), ("7", True)]
    + [(name, False) for name in ("", "  ", "a/b", "..", "-", "a?b", "a#b", "a%2Fb", "<b>", "a\\b", "a\x00b")],
)
def test_names_are_such_that_an_address_can_have_them(name, fits):
    assert staff.fit(name) == fits


def test_what_several_do_at_once_is_done():
    at_once(review.tag, [("web-1", "follow up")] * 6)
    at_once(filters.save, [("ines", "mine", f"flag={number}") for number in range(6)])
    at_once(assignments.assign, [("web-1", "web-1", f"nurse {number}") for number in range(6)])
    at_once(review.set_reviewed, [("web-1", f"nurse {number}", True) for number in range(6)])
    assert review.tags("web-1") == ["follow up"] and len(filters.of("ines")) == 1
    assert assignments.who("web-1").startswith("nurse") and review.reviewed("web-1").staff.startswith("nurse")
    assignments.assign("web-1", "web-1", None)
    review.set_reviewed("web-1", "ines", False)
    assert assignments.who("web-1") is None and review.reviewed("web-1") is None
