"""A request as an e-mail to the clinic's staff: plain text, HTML, and for an appointment a calendar file."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime, time, timedelta, timezone
from email.message import EmailMessage
from functools import partial
from html import escape
from typing import Any, Dict, List, Tuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from bot.delivery.targets import Mail
from bot.nlu.languages import LANGUAGES
from bot.scheduling import wording
from bot.scheduling.dates import Window
from bot.settings import Clinic, settings
from bot.store.outbox import Delivery

_PATIENCE = 30  # seconds for the mail server
_HALVES = {"morning": time(9), "afternoon": time(14), None: time(9)}


def deliver(target: Mail, delivery: Delivery) -> None:
    """Sends one mail; raises OSError or smtplib.SMTPException if the server does not take it.

    The server must prove its name by a certificate that this machine, or the file in SSL_CERT_FILE, vouches for. The
    Message-ID is made of the delivery's key, so that a mail sent twice is recognised as one.
    """
    message = compose(target, delivery, settings().clinic)
    trust = ssl.create_default_context()
    connect = partial(smtplib.SMTP_SSL, context=trust) if target.security == "tls" else smtplib.SMTP
    with connect(target.host, target.port, timeout=_PATIENCE) as server:
        if target.security == "starttls":
            server.starttls(context=trust)
        user, password = settings().credential("SMTP_USER"), settings().credential("SMTP_PASSWORD")
        if user and password:
            server.login(user, password)
        server.send_message(message)


def compose(target: Mail, delivery: Delivery, clinic: Clinic) -> EmailMessage:
    """Returns the mail in the clinic's language. No personal data stands in its subject."""
    payload, code = delivery.payload, clinic.default_language
    kind, event = payload["event"].split(".")
    title, rows = wording.label(f"mail_{kind}_{event}", code), _rows(payload, code)
    note = wording.label("mail_not_booked", code) if kind == "appointment" and event != "withdrawn" else ""
    message = EmailMessage()
    message["To"], message["From"] = target.to, target.sender
    message["Subject"] = " ".join(filter(None, (title, payload.get("reference"))))
    message["Message-ID"] = f"<{delivery.key}.{delivery.at:.0f}@{target.sender.split('@')[1]}>"
    message["Date"] = datetime.fromtimestamp(delivery.at, timezone.utc)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join([title, "", *(f"{name}: {value}" for name, value in rows), "", note]).strip() + "\n")
    table = "".join(f"<tr><th align='left'>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    page = f"<html lang='{code}'><body><h1>{escape(title)}</h1><table>{table}</table><p>{escape(note)}</p></body></html>"
    message.add_alternative(page, subtype="html")
    if kind == "appointment" and payload.get("when"):
        calendar = _calendar(payload, clinic, title)
        message.add_attachment(calendar, maintype="text", subtype="calendar", filename=f"{payload['reference']}.ics")
    return message


def _rows(payload: Dict[str, Any], code: str) -> List[Tuple[str, str]]:
    spoken = LANGUAGES[payload["language"]].NAME
    rows = [("mail_reference", payload.get("reference")), *wording.lines(payload, code), ("mail_language", spoken)]
    rows += [("mail_open_question", payload.get("open_question"))]
    rows += [(f"mail_{name}", ", ".join(payload.get(name) or ())) for name in ("topics", "red_flags")]
    known = wording.labels()
    return [(known[name][code] if name in known else name, str(value)) for name, value in rows if value]


def _calendar(payload: Dict[str, Any], clinic: Clinic, title: str) -> bytes:
    """Returns the first of the days asked for as a tentative entry: a proposal to look at, no booking."""
    window = Window.from_json(payload["when"][0])
    zone = ZoneInfo(clinic.time_zone)
    begin = time.fromisoformat(window.time) if window.time else _HALVES[window.half]
    start = datetime.combine(next(window.dates()), begin, tzinfo=zone).astimezone(timezone.utc)
    entry = Event()
    entry.add("uid", f"{payload['reference']}@{clinic.email.split('@')[1]}")
    entry.add("dtstamp", datetime.fromtimestamp(payload["at"], timezone.utc))
    entry.add("dtstart", start)
    entry.add("dtend", start + timedelta(minutes=30))
    entry.add("sequence", payload["version"] - 1)
    entry.add("summary", f"{title} {payload['reference']}")
    entry.add("status", "CANCELLED" if payload["event"].endswith("withdrawn") else "TENTATIVE")
    calendar = Calendar()
    calendar.add("prodid", "-//Patient assistant//requests//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(entry)
    return calendar.to_ical()
