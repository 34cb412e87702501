"""Who gets into the console, and what nobody can do there."""
import re
import time

import pyotp
import pytest

from bot.console.app import create
from bot.console.pages import PAGES
from bot.store import audit, staff
from bot.store.database import engine, metadata
from tests.http.console import PASSWORD, Browser

create()  # declares every page


def seen(name):
    return [entry["action"] for entry in audit.read() if entry["staff"] == name]


def sign_in(browser, name, password=PASSWORD):
    return browser.submit("/sign-in", name=name, password=password)


def test_the_first_account_is_made_by_a_link_that_works_once(console):
    key = staff.invite(None, "administrator")
    first, second = Browser(console.visitor()), Browser(console.visitor())
    assert first.submit(f"/welcome/{key}", name="Anna  Verte", password="short", again="short").status_code == 400
    first.submit(f"/welcome/{key}", name="Anna  Verte", password=PASSWORD, again=PASSWORD)
    assert "anna verte" in first.get("/account").text and staff.find("anna verte").role == "administrator"
    assert second.get(f"/welcome/{key}").status_code == 410
    assert second.submit(f"/welcome/{key}", name="Eve", password=PASSWORD, again=PASSWORD).status_code == 410
    assert staff.find("eve") is None and seen("anna verte")[-2:] == ["sign-in", "account.made"]


def test_a_link_without_name_cannot_take_over_an_account(console):
    console.member("taken", "reader")
    key = staff.invite(None, "administrator")
    answer = Browser(console.visitor()).submit(f"/welcome/{key}", name="taken", password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 400 and staff.find("taken").role == "reader"


def test_password_wrong_right_and_signed_out(console):
    console.member("bea", "reader")
    browser = Browser(console.visitor())
    assert sign_in(browser, "bea", "not the password").status_code == 401
    assert sign_in(browser, "nobody at all").status_code == 401
    assert sign_in(browser, " Bea ").status_code == 200 and browser.get("/account").status_code == 200
    key = browser.client.cookies["console"]
    browser.submit("/sign-out")
    browser.client.cookies.set("console", key)
    assert browser.get("/account").headers["location"] == "/sign-in?to=%2Faccount"


def test_a_name_is_the_same_however_it_is_written(console):
    console.member("İrem Élise", "reader")
    for name in ("irem élise", "IREM E\u0301LISE", " İrem  Élise"):
        assert sign_in(Browser(console.visitor()), name).status_code == 200, name
    assert staff.find("irem élise").name == "irem élise"


def test_five_failures_lock_known_and_unknown_names_alike(console):
    console.member("carl", "reader")
    for name in ("carl", "no such person"):
        browser = Browser(console.visitor())
        assert [sign_in(browser, name, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]
    assert sign_in(Browser(console.visitor()), "carl").status_code == 429
    assert "sign-in.locked" in seen("carl") and "no such person" not in str(audit.read())


def test_the_second_factor_is_asked_and_no_code_is_good_twice(console):
    browser = console.member("dora", "reader")
    page = browser.get("/account").text
    secret = page.split("<code>")[1].split("<")[0]
    sealed = page.split('name="secret" value="')[1].split('"')[0]
    assert browser.get("/account/second-factor.svg", params={"secret": sealed}).headers["content-type"] == "image/svg+xml"
    wrong = browser.submit("/account/second-factor", secret=sealed, code="000 000")
    assert wrong.status_code == 400 and secret in wrong.text  # the app has scanned it already
    browser.submit("/account/second-factor", secret=sealed, code=pyotp.TOTP(secret).now())
    assert secret not in staff.find("dora").totp

    def with_code(code):
        fresh = Browser(console.visitor())
        state = sign_in(fresh, "dora").text.split('name="state" value="')[1].split('"')[0]
        assert fresh.get("/account").status_code == 303
        return fresh.submit("/second-factor", state=state, code=code), fresh

    code = pyotp.TOTP(secret).at(time.time())
    assert with_code("123456")[0].status_code == 401 and with_code("٣٤٥٦٧٨")[0].status_code == 401
    assert with_code(code)[1].get("/account").status_code == 200
    assert [with_code(code)[0].status_code for _ in range(6)] == [401] * 5 + [429]  # who knows the password cannot guess on


# Every route and the least role that may use it; None: nobody needs to have signed in. Who adds a route adds a line.
MATRIX = {
    "GET /": "reader",
    "POST /inbox/judge": "editor",
    "POST /inbox/undo": "editor",
    "GET /inbox/{number:int}": "editor",
    "GET /waiting": "reader",
    "GET /conversations": "reader",
    "POST /filters": "reader",
    "POST /filters/{number:int}/remove": "reader",
    "GET /conversations/{conversation}": "reader",
    "GET /conversations/{conversation}/talk": "reader",
    "POST /conversations/{conversation}/plain": "editor",
    "POST /conversations/{conversation}/take": "editor",
    "POST /conversations/{conversation}/reply": "editor",
    "POST /conversations/{conversation}/give-back": "editor",
    "POST /conversations/{conversation}/note": "editor",
    "POST /conversations/{conversation}/tag": "editor",
    "POST /conversations/{conversation}/reviewed": "editor",
    "POST /conversations/{conversation}/assign": "editor",
    "POST /conversations/{conversation}/share": "editor",
    "POST /conversations/{conversation}/share/{number:int}/withdraw": "editor",
    "GET /conversations/{conversation}/test": "editor",
    "POST /conversations/{conversation}/test": "editor",
    "GET /shared/{key}": None,
    "GET /requests": "reader",
    "POST /requests/{reference}/reveal": "editor",
    "POST /requests/{reference}/state": "editor",
    "POST /requests/{reference}/assign": "editor",
    "POST /requests/{reference}/reply": "editor",
    "POST /requests/wake": "editor",
    "GET /answers": "reader",
    "GET /answers.diff": "editor",
    "GET /answers/{topic}": "reader",
    "GET /answers/{topic}/edit": "editor",
    "POST /answers/{topic}/check": "editor",
    "POST /answers/{topic}/propose": "editor",
    "POST /answers/{topic}/decide": "editor",  # approving needs an approver, see test_console_answers
    "POST /answers/{topic}/return": "approver",
    "POST /answers/{topic}/reviewed": "editor",
    "GET /dashboard": "reader",
    "GET /dashboard.csv": "reader",
    "GET /dashboard/messages": "reader",
    "GET /dashboard/messages.csv": "editor",
    "GET /dashboard/people": "reader",
    "GET /privacy": "approver",
    "POST /privacy/find": "approver",
    "GET /privacy/{conversation}": "approver",
    "POST /privacy/{conversation}/export": "approver",
    "POST /privacy/{conversation}/erase": "approver",
    "GET /improve": "reader",
    "GET /improve/progress": "reader",
    "POST /improve/train": "approver",
    "POST /improve/stop": "approver",
    "POST /improve/back": "approver",
    "POST /improve/{number:int}/promote": "approver",
    "GET /improve/changes.diff": "editor",
    "GET /improve/{number:int}/changes.diff": "editor",
    "GET /improve/proposals": "reader",
    "POST /improve/proposals/{number:int}/save": "editor",
    "POST /improve/proposals/{number:int}/approve": "approver",
    "POST /improve/proposals/{number:int}/reject": "editor",
    "POST /improve/proposals/{number:int}/withdraw": "approver",
    "POST /improve/tests/{name}/remove": "approver",
    "GET /staff": "administrator",
    "POST /staff/invite": "administrator",
    "POST /staff/{name:path}/change": "administrator",
    "GET /audit": "administrator",
    "GET /account": "reader",
    "POST /account/language": "reader",
    "POST /account/password": "reader",
    "POST /account/second-factor": "reader",
    "GET /account/second-factor.svg": "reader",
    "POST /sign-out": "reader",
    "GET /sign-in": None,
    "POST /sign-in": None,
    "POST /second-factor": None,
    "GET /welcome/{key}": None,
    "POST /welcome/{key}": None,
}
PARTS = {"conversation": "web-0", "number:int": "1", "key": "x", "reference": "2222-2222", "name": "nobody"}
PARTS.update({"topic": "faq_risks", "name:path": "nobody"})


def test_every_route_has_a_line_in_the_matrix():
    assert {f"{page.method} {page.path}": page.role for page in PAGES} == MATRIX
    assert len(PAGES) == len(MATRIX)


def test_every_route_for_every_role_and_signed_out(console):
    """A form that changes something is sent with a wrong token where the role is enough: refused, but for that alone."""
    browsers = {role: console.member(f"one {role}", role) for role in staff.ROLES}
    tokens, nobody = {role: browser.token() for role, browser in browsers.items()}, console.visitor()
    for (method, path), least in ((route.split(" "), least) for route, least in MATRIX.items()):
        path = re.sub(r"\{([\w:]+)\}", lambda part: PARTS[part[1]], path)
        if least is None:
            assert nobody.request(method, path).status_code not in (403, 500), path
            continue
        assert nobody.request(method, path, data={"csrf": "x"}).headers.get("location", "").startswith("/sign-in"), path
        for role, browser in browsers.items():
            allowed = staff.ROLES.index(role) >= staff.ROLES.index(least)
            if method == "GET":
                status = browser.get(path).status_code
                assert status in (200, 400, 404) if allowed else status == 403, (path, role, status)
                continue
            refused = browser.client.post(path, data={"csrf": "wrong" if allowed else tokens[role]})
            assert refused.status_code == 403, (path, role)
            assert ("open for too long" in refused.text) == allowed, (path, role)


def test_a_form_needs_the_token_of_its_own_session(console):
    first, second = console.member("ida", "reader"), console.member("jon", "reader")
    for csrf in ("", second.token(), first.token()[:-1]):
        assert first.client.post("/account/language", data={"csrf": csrf, "language": "tr"}).status_code == 403
    by_script = first.client.post("/account/language", data={"language": "tr"}, headers={"x-csrf": first.token()})
    assert by_script.status_code == 303
    assert staff.find("ida").language == "tr"


@pytest.mark.parametrize("column, hours", [("seen", 2), ("began", 12)])
def test_a_session_ends_left_alone_or_after_half_a_day(console, column, hours):
    browser = console.member("kim", "reader")

    def ago(seconds):
        table = metadata.tables["staff_sessions"]
        with engine().begin() as connection:
            connection.execute(table.update().where(table.c.name == "kim").values({column: time.time() - seconds}))

    ago(hours * 3600 - 60)
    assert browser.get("/account").status_code == 200
    ago(hours * 3600 + 1)
    assert browser.get("/account").headers["location"] == "/sign-in?to=%2Faccount"
    assert browser.client.post("/account/language", data={"language": "fr"}).headers["location"] == "/sign-in"


def late(name, seconds=3 * 3600):
    """Lets the session of `name` have been left alone for so long; returns since when."""
    table, left = metadata.tables["staff_sessions"], time.time() - seconds
    with engine().begin() as connection:
        connection.execute(table.update().where(table.c.name == name).values(seen=left))
    return left


def test_an_open_page_that_nobody_uses_does_not_keep_a_session(console):
    browser, table = console.member("mona", "reader"), metadata.tables["staff_sessions"]
    left = late("mona", 3_600)
    for path in ("/waiting", "/improve/progress", "/conversations/web-0/talk"):
        assert browser.get(path).status_code == 200
    with engine().connect() as connection:
        mine = table.select().where(table.c.name == "mona")
        assert connection.execute(mine).one().seen == left
        browser.get("/account")
        assert connection.execute(mine).one().seen > left


def test_an_open_page_says_that_its_session_has_ended(console):
    browser = console.member("mona", "reader")
    late("mona")
    answer = browser.get("/waiting", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["hx-retarget"] == "#wrong" and "hx-redirect" not in answer.headers
    assert browser.get("/account").status_code == 303


def test_a_stranger_cannot_lock_the_second_factor_of_a_colleague(console):
    for _ in range(6):
        sign_in(Browser(console.visitor()), "code/ruth", "wrong")
    assert not staff.locked("ruth", staff.CODE)


def test_no_account_is_called_what_an_address_cannot_have(console):
    boss = console.member("boss", "administrator")
    assert boss.submit("/staff/invite", name="a/b", role="reader").status_code == 400
    key = staff.invite(None, "administrator")
    answer = Browser(console.visitor()).submit(f"/welcome/{key}", name="a/b", password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 400 and "a/b" in answer.text and staff.invited(key)


def test_odd_numbers_are_no_failure(console):
    boss = console.member("boss", "administrator")
    long = "9" * 5_000
    lists = ("/conversations?before=nan", "/conversations?before=1e999")
    for path in ("/audit?before=²", f"/?view=list&before={long}", *lists):
        assert boss.get(path).status_code == 200, path
    for path in (f"/inbox/{long}", "/inbox/999999999999999999", "/inbox/99999999999999999", f"/improve/{long}/changes.diff"):
        assert boss.get(path).status_code == 404, path
    for number in ("²", long):
        assert boss.submit("/inbox/judge", number=number, verdict="right").status_code == 400
        assert boss.submit("/answers/faq_risks/reviewed", days=number).status_code == 400
    assert boss.submit("/inbox/judge", number="9" * 17, verdict="right").status_code == 200


def test_a_form_that_came_too_late_is_sent_after_signing_in(console):
    browser = console.member("nils", "reader")
    own = {"Origin": console.url}
    data = {"csrf": browser.token(), "name": "Mine <b>", "query": "flag=emergency"}
    late("nils")
    asked = browser.client.post("/filters", data=data, headers=own)
    assert asked.status_code == 401 and "your words are kept" in asked.text
    form = re.search(r'name="form" value="([^"]+)"', asked.text).group(1)
    wrong = browser.client.post("/sign-in", data={"name": "nils", "password": "no", "form": form}, headers=own)
    assert wrong.status_code == 401 and form in wrong.text
    back = browser.client.post("/sign-in", data={"name": "nils", "password": PASSWORD, "form": form}, headers=own)
    assert back.status_code == 200 and 'action="/filters"' in back.text and "Mine &lt;b&gt;" in back.text
    token = re.search(r'name="csrf" value="(\w+)"', back.text).group(1)
    assert token == browser.token() != data["csrf"]
    assert "Mine &lt;b&gt;" in browser.submit("/filters", name="Mine <b>", query="flag=emergency").text
    # signed in again in another window: the page of before has a token of before
    again = browser.client.post("/filters", data=data, headers=own)
    assert again.status_code == 403 and "Not sent yet" in again.text and token in again.text
    assert browser.client.post("/filters", data=data).status_code == 403  # nobody says that it is our own page
    passwords = {"csrf": "x", "old": PASSWORD, "password": "another long one", "again": "another long one"}
    assert "another long one" not in browser.client.post("/account/password", data=passwords, headers=own).text
    forged = {"name": "nils", "password": PASSWORD, "form": form[:-3] + "xyz"}
    assert browser.client.post("/sign-in", data=forged, headers=own).headers["location"] == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for_and_never_out_of_the_console(console):
    browser = console.member("olga", "reader")
    browser.submit("/account/language", language="tr")
    browser.submit("/sign-out")
    asked = browser.get("/conversations?flag=down").headers["location"]
    page = browser.get(asked).text
    assert 'value="/conversations?flag=down"' in page and '<html lang="tr">' in page
    data = {"name": "olga", "password": PASSWORD}
    for to, where in [
        ("/conversations?flag=down", "/conversations?flag=down"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/\r\nX: y", "/"),
    ]:
        assert browser.client.post("/sign-in", data={**data, "to": to}).headers["location"] == where


def test_an_error_speaks_the_readers_language_and_gives_back_what_was_typed(console):
    browser = console.member("pia", "editor")
    browser.submit("/account/language", language="fr")
    data = {"csrf": browser.token(), "text": "Bonjour <i>Madame</i>"}
    before = {"Referer": f"{console.url}/conversations?flag=down"}
    page = browser.client.post("/conversations/web-404/reply", data=data, headers=before)
    assert page.status_code == 409 and "Bonjour &lt;i&gt;Madame&lt;/i&gt;" in page.text and "Cela n" in page.text
    assert 'href="/conversations?flag=down"' in page.text
    elsewhere = browser.client.post("/conversations/web-404/reply", data=data, headers={"Referer": "https://e.example/x"})
    assert "e.example" not in elsewhere.text


def test_who_was_locked_out_gets_in_again_later(console):
    console.member("liv", "reader")
    browser = Browser(console.visitor())
    assert [sign_in(browser, "liv", "wrong").status_code for _ in range(6)][-1] == 429
    table = metadata.tables["staff_attempts"]
    with engine().begin() as connection:
        connection.execute(table.update().values(at=time.time() - 15 * 60 - 1))
    assert sign_in(browser, "liv").status_code == 200 and browser.get("/account").status_code == 200


def test_no_name_stands_for_somebody_elses_codes(console):
    member, stranger = console.member("iris", "reader"), Browser(console.visitor())
    page = member.get("/account").text
    secret, sealed = page.split("<code>")[1].split("<")[0], page.split('name="secret" value="')[1].split('"')[0]
    member.submit("/account/second-factor", secret=sealed, code=pyotp.TOTP(secret).now())
    assert [sign_in(stranger, "code/iris", "wrong").status_code for _ in range(6)][-1] == 429
    state = sign_in(stranger, "iris").text.split('name="state" value="')[1].split('"')[0]
    code = pyotp.TOTP(secret).at(time.time() + 30)
    assert stranger.submit("/second-factor", state=state, code=code).status_code == 200
    assert stranger.get("/account").status_code == 200


def test_whatever_the_name_an_account_can_be_switched_off(console):
    boss = console.member("boss", "administrator")
    for name in ("night/shift", "a?b#c", "dr. şule"):
        console.member(name, "reader")
        row = boss.get("/staff").text.split(f"<td>{name}<")[1]
        boss.submit(row.split('action="')[1].split('"')[0], wish="off")
        assert not staff.find(name).active


def test_a_form_of_another_website_is_refused(console):
    browser = console.member("frank", "reader")
    data = {"csrf": browser.token(), "language": "tr"}
    answer = browser.client.post("/account/language", data=data, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403 and staff.find("frank").language is None
    assert browser.client.post("/sign-in", data=data, headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_answers_are_kept_by_nobody_and_run_no_foreign_script(console):
    browser = console.member("gina", "reader")
    for path in ("/account", "/sign-in", "/no-such-page", "/static/console.css"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"] and "unsafe" not in str(headers)
        assert headers["x-content-type-options"] == "nosniff"
    assert browser.get("/account").headers["cache-control"] == "no-store"
    set_cookie = Browser(console.visitor()).client.post("/sign-in", data={"name": "gina", "password": PASSWORD})
    assert "HttpOnly" in set_cookie.headers["set-cookie"] and "SameSite=lax" in set_cookie.headers["set-cookie"]
    secure = console.visitor(**{"X-Forwarded-Proto": "https"}).post("/sign-in", data={"name": "gina", "password": PASSWORD})
    assert "Secure" in secure.headers["set-cookie"]


def test_who_is_switched_off_is_out_at_once(console):
    browser = console.member("hugo", "editor")
    staff.change("hugo", active=False)
    assert browser.get("/account").headers["location"] == "/sign-in?to=%2Faccount"
    assert sign_in(Browser(console.visitor()), "hugo").status_code == 401


def test_a_broken_form_is_refused_kindly(console):
    visitor = console.visitor()
    assert visitor.post("/sign-in", content=b"x" * 200_000).status_code == 413
    assert visitor.post("/sign-in", data={}).status_code == 401
    assert visitor.post("/sign-in", data={"name": "\x00\ufffe", "password": "x"}).status_code == 401
    assert visitor.get("/sign-in/" + "x" * 3000).status_code == 404
