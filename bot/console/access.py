"""Signing in and out, the first account, and one's own account."""
from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import replace
from io import BytesIO
from typing import Optional

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from bot.console import kept
from bot.console.language import _
from bot.console.pages import COOKIE, Refused, Visit, inside, page, token, unsent
from bot.nlu.languages import LANGUAGES
from bot.settings import settings
from bot.store import audit, staff

_SECOND = 300  # seconds between password and one-time code
_YEAR = 365 * 86_400  # seconds
NAMES = _("Please write a name, in letters. It may have digits, spaces and the signs . , ' - @ + in it.")


@page("/sign-in", role=None)
def sign_in(visit: Visit) -> Response:
    """Shows the form, or goes on if there is a session."""
    to = inside(visit.query.get("to"))
    return visit.to(to) if visit.member else _asked(visit, to=to)


@page("/sign-in", role=None, method="POST")
def signing_in(visit: Visit) -> Response:
    """Checks name and password; asks for the one-time code where there is a second factor."""
    name, password = visit.form.get("name", ""), visit.form.get("password", "")
    if staff.locked(name, staff.PASSWORD):
        return _locked(visit, name)
    member = staff.check(name, password)
    if member is None:
        audit.record(_known(name), "sign-in.failed")
        return _asked(visit, 401, wrong=visit.gettext("Name or password is not right."), name=name)
    if member.totp:
        staff.forgive(name, staff.PASSWORD)  # what counts from here on are wrong codes
        return _asked_code(visit, _state().dumps(member.name))
    return _signed_in(visit, member)


@page("/second-factor", role=None, method="POST")
def second_factor(visit: Visit) -> Response:
    """Checks the one-time code."""
    try:
        member = staff.find(_state().loads(visit.form.get("state", ""), max_age=_SECOND))
    except BadSignature:
        return visit.to("/sign-in")
    if member is None or not member.active:
        return visit.to("/sign-in")
    if staff.locked(member.name, staff.CODE):
        return _locked(visit, member.name)
    if not _right_code(member, visit.form.get("code", "")):
        audit.record(member.name, "sign-in.failed", "one-time code")
        words = visit.gettext("This code is not right, or was used before. Type the one that is shown now.")
        return _asked_code(visit, visit.form["state"], 401, wrong=words)
    return _signed_in(visit, member)


@page("/welcome/{key}", role=None)
def welcome(visit: Visit) -> Response:
    """Shows the form behind a one-time link."""
    found = staff.invited(visit.parts["key"])
    if found is None:
        raise Refused(410, visit.gettext("This link was used before or is too old. Ask an administrator for a new one."))
    return visit.page("welcome.html", wrong=None, invited=found.name, name=found.name or "", shortest=staff.SHORTEST)


@page("/welcome/{key}", role=None, method="POST")
def welcomed(visit: Visit) -> Response:
    """Makes the account, or sets its new password."""
    found = staff.invited(visit.parts["key"])
    name = (found and found.name) or staff.tidy(visit.form.get("name", ""))
    wrong = _weak(visit) if (found and found.name) or staff.fit(name) else visit.gettext(NAMES)
    if found and not wrong:
        member = staff.accept(visit.parts["key"], name, visit.form["password"])
        if member:
            audit.record(member.name, "account.made", member.role)
            return visit.to("/sign-in") if member.totp else _signed_in(visit, member)
        wrong = visit.gettext("This name is taken.")
    if found is None:
        return welcome(visit)
    return visit.page("welcome.html", 400, wrong=wrong, invited=found.name, name=name, shortest=staff.SHORTEST)


@page("/sign-out", role="reader", method="POST")
def sign_out(visit: Visit) -> Response:
    """Ends the session."""
    visit.note("sign-out")
    staff.end(visit.key)
    answer = visit.to("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


@page("/account", role="reader")
def account(visit: Visit) -> Response:
    """Shows one's own account."""
    return _account(visit)


@page("/account/language", role="reader", method="POST")
def set_language(visit: Visit) -> Response:
    """Changes the language of the console."""
    code = visit.form.get("language", "")
    if code not in LANGUAGES:
        return visit.to("/account")
    staff.change(visit.name, language=code)
    return _speaking(visit.to("/account?saved=yes"), code)


@page("/account/password", role="reader", method="POST")
def set_password(visit: Visit) -> Response:
    """Changes the password, and signs in anew: all other sessions end."""
    if staff.locked(visit.name, staff.PASSWORD) or staff.check(visit.name, visit.form.get("old", "")) is None:
        return _account(visit, wrong=visit.gettext("The old password is not right."), status=400)
    weak = _weak(visit)
    if weak:
        return _account(visit, wrong=weak, status=400)
    staff.change(visit.name, password=visit.form["password"])
    visit.note("account.password")
    assert visit.member is not None
    return _signed_in(replace(visit, form={"to": "/account?saved=yes"}), visit.member)


@page("/account/second-factor", role="reader", method="POST")
def set_second_factor(visit: Visit) -> Response:
    """Switches the second factor on, if the code of the new secret is right, or off, if the password is."""
    assert visit.member is not None
    if visit.member.totp:
        if staff.locked(visit.name, staff.PASSWORD) or staff.check(visit.name, visit.form.get("old", "")) is None:
            return _account(visit, wrong=visit.gettext("The old password is not right."), status=400)
        staff.forgive(visit.name, staff.PASSWORD)
        staff.change(visit.name, totp=None)
        visit.note("account.second-factor.off")
        return visit.to("/account?saved=yes")
    sealed = visit.form.get("secret", "")
    secret = _opened(sealed)
    if secret is None:
        words = visit.gettext("The code is not right. Scan the picture again and type the code that is shown now.")
        return _account(visit, wrong=words, status=400)
    if _step(secret, visit.form.get("code", "")) is None:  # the app knows the secret already: it stays
        words = visit.gettext("This code is not right, or was used before. Type the one that is shown now.")
        return _account(visit, wrong=words, status=400, secret=secret)
    staff.change(visit.name, totp=sealed)
    visit.note("account.second-factor.on")
    return visit.to("/account?saved=yes")


@page("/account/second-factor.svg", role="reader")
def picture(visit: Visit) -> Response:
    """Returns the picture that an authenticator app scans."""
    secret = _opened(visit.query.get("secret", ""))
    if secret is None:
        raise Refused(400, visit.gettext("There is no such page."))
    uri = pyotp.TOTP(secret).provisioning_uri(name=visit.name, issuer_name=settings().clinic.name)
    drawn = BytesIO()
    segno.make(uri).save(drawn, kind="svg", scale=5, border=4, light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def _account(visit: Visit, wrong: Optional[str] = None, status: int = 200, secret: Optional[str] = None) -> Response:
    secret = None if visit.member and visit.member.totp else secret or pyotp.random_base32()
    sealed = _vault().encrypt(secret.encode()).decode() if secret else None
    values = {"wrong": wrong, "secret": secret, "sealed": sealed, "shortest": staff.SHORTEST}
    return visit.page("account.html", status, **values)


def _weak(visit: Visit) -> Optional[str]:
    password = visit.form.get("password", "")
    if len(password) < staff.SHORTEST or len(set(password)) < 5:
        return visit.gettext("The password is too short or too simple. Four words that only you would combine are good.")
    if password != visit.form.get("again"):
        return visit.gettext("The two passwords are not the same.")
    return None


def _locked(visit: Visit, name: str) -> Response:
    audit.record(_known(name), "sign-in.locked")
    words = visit.gettext("There were too many attempts. Wait a quarter of an hour, then try again.")
    return _asked(visit, 429, wrong=words, name=name)


def _asked(visit: Visit, status: int = 200, *, wrong: Optional[str] = None, name: str = "", to: str = "") -> Response:
    """Asks for name and password; where to go on, and a form that came too late, are carried along."""
    where = {"to": to or inside(visit.form.get("to")), "form": visit.form.get("form", "")}
    return visit.page("sign_in.html", status, wrong=wrong, name=name, **where)


def _asked_code(visit: Visit, state: str, status: int = 200, *, wrong: Optional[str] = None) -> Response:
    where = {"to": inside(visit.form.get("to")), "form": visit.form.get("form", "")}
    return visit.page("second_factor.html", status, wrong=wrong, state=state, **where)


def _signed_in(visit: Visit, member: staff.Member) -> Response:
    staff.forgive(member.name)
    audit.record(member.name, "sign-in")
    key, form = staff.begin(member.name), visit.form.get("form", "")
    if kept.opened(form):
        answer: Response = unsent(replace(visit, member=member, code=member.language or visit.code), form, csrf=token(key))
    else:
        answer = visit.to(inside(visit.form.get("to")))
    https = visit.request.url.scheme == "https"
    answer.set_cookie(COOKIE, key, httponly=True, samesite="lax", secure=https)
    return _speaking(answer, member.language) if member.language else answer


def _speaking(answer: Response, code: str) -> Response:
    """Has the browser remember the language, for the pages before signing in."""
    answer.set_cookie("language", code, max_age=_YEAR, httponly=True, samesite="lax")
    return answer


def _known(name: str) -> str:
    """Returns `name` if there is such an account: what else people type there is none of the log's business."""
    return staff.tidy(name) if staff.find(name) else "?"


def _right_code(member: staff.Member, code: str) -> bool:
    secret = _opened(member.totp or "")
    step = _step(secret, code) if secret else None
    return step is not None and staff.use_code(member.name, step)


def _step(secret: str, code: str) -> Optional[int]:
    """Returns the time step whose code this is: now, or half a minute before or after; None if it is none of them."""
    totp, digits = pyotp.TOTP(secret), "".join(code.split())
    now = int(time.time()) // totp.interval
    right = (step for step in (now, now - 1, now + 1) if hmac.compare_digest(totp.generate_otp(step), digits))
    try:
        return next(right, None)
    except TypeError:  # letters beyond ASCII
        return None


def _opened(sealed: str) -> Optional[str]:
    try:
        return _vault().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _vault() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(settings().secret.encode(), b"console second factor", "sha256")))


def _state() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(hashlib.sha256(settings().secret.encode()).hexdigest(), salt="console second factor")
