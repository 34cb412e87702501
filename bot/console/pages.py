"""How a page of the console is declared, protected and drawn: every route, its role and its checks are in one table."""
from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.engine import Connection
from starlette.concurrency import run_in_threadpool
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.console import kept, language
from bot.console.language import _
from bot.nlu.languages import LANGUAGES
from bot.settings import settings
from bot.store import audit, staff

HERE = Path(__file__).resolve().parent
COOKIE = "console"
_LARGEST = 100_000  # bytes of a form
_KEY = 40  # characters of the key of a form
_TOO_LONG = _("This page was open for too long. Go back, reload it and try again.")


class Refused(Exception):
    """A request that is not served: status of HTTP, and words for the member of staff."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass
class Visit:
    """One request: who makes it, in which language, with which form."""

    request: Request
    member: Optional[staff.Member]
    code: str
    form: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)  # of the path
    sent: kept.Pairs = field(default_factory=list)  # the form as it came

    @property
    def name(self) -> str:
        """The name of the member of staff."""
        assert self.member is not None
        return self.member.name

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark."""
        return self.request.query_params

    @property
    def key(self) -> str:
        """The key of the session, "" if there is none."""
        return self.request.cookies.get(COOKIE, "")

    @property
    def once(self) -> Optional[str]:
        """The key of the form, each time it is shown another: what it says is said once; None if it carries none."""
        return self.form["once"][:_KEY] if self.form.get("once") else None

    def gettext(self, words: str) -> str:
        """Returns `words` in the language of the page."""
        return language.translations(self.code).gettext(words)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Returns `template` with `values`; what every page has can be among them."""
        common: Dict[str, Any] = {
            "member": self.member,
            "code": self.code,
            "languages": {code: module.NAME for code, module in LANGUAGES.items()},
            "csrf": token(self.key) if self.member else "",
            "path": self.request.url.path,
            "query": self.query,
            "clinic": settings().clinic,
        }
        drawn = _environment(self.code).get_template(template).render({**common, **values})
        return HTMLResponse(drawn, status)

    def to(self, path: str) -> Response:
        """Returns that the browser goes on at `path`."""
        if self.request.headers.get("hx-request"):
            return Response(headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)

    def note(self, action: str, subject: str = "", *, within: Optional[Connection] = None) -> None:
        """Notes in the audit log what this member of staff does; in the same transaction as what changes it, `within`."""
        audit.record(self.name, action, subject, within=within)


Handler = Callable[[Visit], Response]


@dataclass(frozen=True)
class Page:
    """A route: `role` is the least that may use it, None means that nobody needs to have signed in.

    `polled`: open pages ask for it by themselves, which is no sign that somebody is there.
    """

    path: str
    method: str
    role: Optional[str]
    handler: Handler
    polled: bool = False

    async def answer(self, request: Request) -> Response:
        """Answers `request` if all checks pass."""
        visit = await visited(request, prolong=not self.polled)
        if self.method == "POST":
            visit.sent = await _sent(visit)
            visit.form = _together(visit.sent)
        if self.role is not None and visit.member is None:
            return _signed_out(visit)
        if self.role is not None and not (visit.member and visit.member.may(self.role)):
            raise Refused(403, visit.gettext("Your account may not do this. Ask an administrator."))
        if self.method == "POST" and not _own(request):
            raise Refused(403, visit.gettext(_TOO_LONG))
        if self.method == "POST" and self.role and not same(_carried(request, visit.form), token(visit.key)):
            form = _kept(visit)
            if form is None:
                raise Refused(403, visit.gettext(_TOO_LONG))
            return unsent(visit, form, 403)
        return await run_in_threadpool(self.handler, visit)


PAGES: List[Page] = []


def page(path: str, role: Optional[str], method: str = "GET", *, polled: bool = False) -> Callable[[Handler], Handler]:
    """Declares the function below it as the page at `path`."""

    def declare(handler: Handler) -> Handler:
        PAGES.append(Page(path, method, role, handler, polled))
        return handler

    return declare


async def visited(request: Request, *, prolong: bool = True) -> Visit:
    """Returns who makes `request`, whose session it may `prolong`, and keeps that for the page of an error."""
    if not hasattr(request.state, "visit"):
        key = request.cookies.get(COOKIE)
        request.state.visit = _visit(request, await run_in_threadpool(staff.who, key, prolong=prolong) if key else None)
    return seen(request)


def seen(request: Request) -> Visit:
    """Returns what is known of who makes `request`: nobody, if the database could not be asked."""
    visit: Visit = getattr(request.state, "visit", None) or _visit(request, None)
    return visit


def _visit(request: Request, member: Optional[staff.Member]) -> Visit:
    wish = member.language if member else request.cookies.get("language")
    code = language.chosen(wish, request.headers.get("accept-language", ""))
    return Visit(request, member, code, {}, request.path_params)


class _Whole(IntegerConvertor):
    """A number in an address, of a length that a database can hold; what is longer is no page."""

    regex = "[0-9]{1,17}"


register_url_convertor("int", _Whole())


def whole(text: Optional[str]) -> Optional[int]:
    """Returns the number that `text`, of an address or a form, is; None if it is none that a database can hold."""
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


def moment(text: Optional[str]) -> Optional[float]:
    """Returns the seconds since 1970 that `text` of an address is; None if it is no number."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def token(session: str) -> str:
    """Returns what a form of this session must carry, so that no other website can send one in its name."""
    return hmac.new(settings().secret.encode(), f"console form {session}".encode(), hashlib.sha256).hexdigest()


def same(given: str, right: str) -> bool:
    """Returns whether both are equal, in a time that says nothing about where they differ."""
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())


def _own(request: Request) -> bool:
    """Returns whether a form was sent from the console's own pages; browsers name the page's origin."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _carried(request: Request, form: Mapping[str, str]) -> str:
    """Returns the token that came with a form, or in the header that scripts send."""
    return form.get("csrf") or request.headers.get("x-csrf", "")


def inside(address: Optional[str]) -> str:
    """Returns `address` if it is one within the console, else the first page."""
    return address if address and re.match(r"/(?![/\\])[!-~]*$", address) else "/"


def unsent(visit: Visit, form: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Shows what came too late as a form with the token of the session of now, to be sent again or not.

    Raises:
        Refused: `form` is not sealed, or too old.
    """
    found = kept.opened(form)
    if found is None:
        raise Refused(403, visit.gettext(_TOO_LONG))
    path, pairs = found
    return visit.page("unsent.html", status, to=path, pairs=pairs, typed=kept.typed(pairs), **values)


def _signed_out(visit: Visit) -> Response:
    """Returns the way to sign in, and from there to what was asked for; a page that is open stays as it is."""
    request = visit.request
    if request.headers.get("hx-request"):
        raise Refused(401, visit.gettext("Your session has ended. Sign in again; what you typed here stays."))
    if request.method == "POST":
        form = _kept(visit)
        if form is None:
            return visit.to("/sign-in")
        words = visit.gettext("Your session has ended, so nothing was sent. Sign in: your words are kept.")
        return visit.page("sign_in.html", 401, wrong=words, name="", to="/", form=form)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return visit.to("/sign-in" if wanted == "/" else f"/sign-in?{urlencode({'to': wanted})}")


def _kept(visit: Visit) -> Optional[str]:
    """Returns the form that came, sealed; None if a password is in it or the browser did not say that it is our own."""
    own = "origin" in visit.request.headers and _own(visit.request)
    return kept.sealed(visit.request.url.path, visit.sent) if own else None


async def _sent(visit: Visit) -> kept.Pairs:
    length = whole(visit.request.headers.get("content-length"))
    if length is None or length > _LARGEST:
        raise Refused(413, visit.gettext("The form is too large."))
    found = await visit.request.form(max_files=0, max_fields=200)
    return [(name, str(value)) for name, value in found.multi_items()]


def _together(pairs: kept.Pairs) -> Dict[str, str]:
    many: Dict[str, str] = {}
    for name, value in pairs:  # boxes with one name come as one value, lines below each other
        many[name] = f"{many[name]}\n{value}" if name in many else value
    return many


@lru_cache(maxsize=None)
def _environment(code: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(language.translations(code), newstyle=True)  # type: ignore[attr-defined]
    made.globals["new_key"] = lambda: f"staff-{secrets.token_hex(12)}"
    made.filters["moment"] = lambda seconds: language.moment(seconds, code)
    made.filters["day"] = lambda day: language.day(day, code)
    made.filters["hidden"] = lambda text: language.hidden(text, code)
    made.filters["pair"] = lambda value: (value, value)
    made.filters["span"] = lambda seconds: language.span(seconds, code)
    made.filters["percent"] = lambda share: "" if share is None else language.percent(share, code)
    return made
