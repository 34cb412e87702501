"""Requests reach real receivers on this machine, through faults, once."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from fhir.resources.R4B.appointment import Appointment
from icalendar import Calendar

from bot.answer_book import Responses
from bot.delivery import worker
from bot.delivery.targets import Endpoint, Mail, Requests
from bot.delivery.webhook import signature
from bot.scheduling.contacts import CHAT
from bot.settings import ROOT, Settings
from bot.store import database as db
from bot.store import handovers, outbox, requests, threads
from tests.conftest import _free_port

DATA = {
    "whom": "other",
    "name": "Anna Peeters",
    "caller": "Tom Peeters",
    "contact": "+32 470 12 34 56",
    "when": [
        {"first": "2026-12-15", "last": "2026-12-15", "days": [0, 1, 2, 3, 4, 5, 6], "half": "afternoon", "time": None}
    ],
    "reason": "broken vertebra",
    "known": "new",
}


class Receiver:
    """Plays webhook and FHIR server: keeps what comes, answers with the statuses it was given first, then 201."""

    def __init__(self, *statuses):
        self.got, self.statuses = [], list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.command, self.path, dict(self.headers), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 201)
                self.end_headers()

            do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class Mailbox:
    """An SMTP server that refuses the first few mails."""

    def __init__(self):
        self.mails, self.refuse = [], 0

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            self.refuse -= 1
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()


@pytest.fixture
def mailbox():
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture
def deliver(tmp_path, monkeypatch, clinic):
    """Sets the targets up and returns what delivers all that is due, whatever the waiting time between attempts."""
    made = sa.create_engine(f"sqlite:///{tmp_path / 'd.db'}", connect_args={"timeout": 15})
    monkeypatch.setattr(db, "_ready", lambda: made)
    db.metadata.create_all(made)
    monkeypatch.setenv("ASSISTANT_WEBHOOK_SECRET", "s" * 32)

    def use(**targets):
        changed = clinic.copy(update={"requests": Requests(**targets), "default_language": "fr"})
        fake = Settings(changed, "127.0.0.1", 1, 2, tmp_path, "sqlite://")
        for module in (worker, worker.mail, worker.webhook, worker.fhir):
            monkeypatch.setattr(module, "settings", lambda: fake)
        return changed.requests.targets

    def run(rounds=1):
        for _ in range(rounds):
            made.execute("UPDATE outbox SET next_at = 0 WHERE state = 'waiting'")
            while worker.deliver_one():
                pass

    return use, run


def test_a_mail_in_the_clinics_language_with_a_calendar_file(deliver, mailbox):
    use, run = deliver
    targets = use(
        mail=Mail(
            to="staff@clinic.example", sender="bot@clinic.example", host="127.0.0.1", port=mailbox.port, security="none"
        )
    )
    made, _ = requests.create("web-1", "d", "appointment", "tr", DATA, targets)
    mailbox.refuse = 2
    run(rounds=4)
    [mail] = mailbox.mails
    assert mail["Subject"] == f"Nouvelle demande de rendez-vous {made.reference}" and "Anna" not in mail["Subject"]
    plain = mail.get_body("plain").get_content()
    assert all(
        words in plain for words in ("Anna Peeters", "Tom Peeters", "+32 470 12 34 56", "mardi 15 décembre", "Türkçe")
    )
    assert "Anna Peeters" in mail.get_body("html").get_content()
    [file] = mail.iter_attachments()
    [entry] = Calendar.from_ical(
        file.get_content() if isinstance(file.get_content(), str) else file.get_content().decode()
    ).walk("VEVENT")
    assert entry["STATUS"] == "TENTATIVE" and entry.decoded("DTSTART").isoformat() == "2026-12-15T13:00:00+00:00"
    assert outbox.counts() == {"sent": 1}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Returns the files of a key and of a certificate for localhost that nobody but itself vouches for."""
    key, proof = (tmp_path_factory.mktemp("tls") / name for name in ("key.pem", "proof.pem"))
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", proof, "-days", "1"]
    whose = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, *whose], check=True, capture_output=True)
    return key, proof


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_server_that_cannot_prove_who_it_is_gets_no_mail(deliver, certificate, security, monkeypatch):
    use, run = deliver
    key, proof = certificate
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secured.load_cert_chain(proof, key)
    box = Mailbox()
    how = {"ssl_context": secured} if security == "tls" else {"tls_context": secured, "require_starttls": True}
    monkeypatch.setenv("SSL_CERT_FILE", str(proof))  # the controller looks whether its server answers
    controller = Controller(box, hostname="localhost", port=_free_port(), **how)
    controller.start()
    try:
        address = {"to": "staff@clinic.example", "sender": "bot@clinic.example", "host": "localhost"}
        targets = use(mail=Mail(**address, port=controller.port, security=security))
        requests.create("web-1", "d", "callback", "en", DATA, targets)
        monkeypatch.delenv("SSL_CERT_FILE")
        run()
        assert box.mails == [] and outbox.troubles()[0]["error"] == "SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(proof))
        run()
        assert len(box.mails) == 1 and outbox.counts() == {"sent": 1}
    finally:
        controller.stop()


def test_a_signed_webhook_gets_each_event_with_its_key_in_order(deliver, receiver):
    use, run = deliver
    receiver.statuses = [503, 500]
    targets = use(webhook=Endpoint(url=f"{receiver.url}/hook"))
    made, _ = requests.create("web-1", "d", "appointment", "en", DATA, targets)
    requests.withdraw(made.reference, targets)
    run(rounds=4)
    events = [json.loads(body)["event"] for _, _, _, body in receiver.got]
    assert events == ["appointment.new"] * 3 + ["appointment.withdrawn"]
    keys = [headers["Idempotency-Key"] for _, _, headers, _ in receiver.got]
    assert keys == [f"{made.reference}.1"] * 3 + [f"{made.reference}.2"]
    _, _, headers, body = receiver.got[0]
    assert headers["X-Assistant-Signature"] == signature("s" * 32, headers["X-Assistant-Timestamp"], body)
    assert "conversation" not in json.loads(body)


def test_a_fhir_server_gets_a_valid_proposed_appointment(deliver, receiver):
    use, run = deliver
    targets = use(fhir=Endpoint(url=f"{receiver.url}/fhir"))
    made, _ = requests.create("web-1", "d", "appointment", "fr", DATA, targets)
    requests.withdraw(made.reference, targets)
    requests.create("web-1", "d2", "callback", "fr", {"name": "A", "contact": "a@b.org"}, targets)  # no appointment
    run(rounds=2)
    (post, path, headers, body), (put, place, _, later) = receiver.got
    assert (post, path, put) == ("POST", "/fhir/Appointment", "PUT") and "identifier=" in place
    assert headers["If-None-Exist"].endswith(made.reference)
    found = Appointment.parse_raw(body)
    assert found.status == "proposed" and found.identifier[0].value == made.reference
    assert found.requestedPeriod[0].start.isoformat() == "2026-12-15T12:00:00+01:00"
    assert Appointment.parse_raw(later).status == "cancelled"


def test_who_is_reached_in_the_chat_has_no_number_anywhere(deliver, receiver, mailbox):
    use, run = deliver
    mail = Mail(to="s@clinic.example", sender="b@clinic.example", host="127.0.0.1", port=mailbox.port, security="none")
    targets = use(mail=mail, webhook=Endpoint(url=f"{receiver.url}/hook"), fhir=Endpoint(url=f"{receiver.url}/fhir"))
    requests.create("whatsapp-1", "d", "appointment", "tr", {**DATA, "contact": CHAT}, targets)
    run()
    assert "conversation WhatsApp" in mailbox.mails[0].get_body("plain").get_content()
    bodies = {path: json.loads(body) for _, path, _, body in receiver.got}
    assert bodies["/hook"]["contact"] == "WhatsApp chat"
    [patient] = Appointment.parse_obj(bodies["/fhir/Appointment"]).contained
    assert patient.contact[0].telecom[0].system == "other"


def test_a_target_that_is_away_loses_nothing_and_holds_nobody_up(deliver, receiver, mailbox):
    use, run = deliver
    mail = Mail(to="s@clinic.example", sender="b@clinic.example", host="127.0.0.1", port=_free_port(), security="none")
    targets = use(mail=mail, webhook=Endpoint(url=receiver.url))
    for number in range(3):
        requests.create("web-1", f"d{number}", "appointment", "en", {**DATA, "name": f"P {number}"}, targets)
    run(rounds=5)
    assert len(receiver.got) == 3 and outbox.counts() == {"waiting": 3, "sent": 3}
    assert "Peeters" not in str(outbox.troubles()) and outbox.troubles()[0]["attempts"] == 5
    use(mail=mail.copy(update={"port": mailbox.port}), webhook=Endpoint(url=receiver.url))
    run(rounds=2)
    assert len(mailbox.mails) == 3 and len(receiver.got) == 3 and outbox.counts() == {"sent": 6}
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 3


def test_who_waited_in_vain_is_told_in_their_language(deliver, clinic, monkeypatch, tmp_path):
    from bot.delivery.targets import HandOver

    use, _ = deliver
    use()
    changed = clinic.copy(update={"hand_over": HandOver(minutes=5)})
    monkeypatch.setattr(worker, "settings", lambda: Settings(changed, "127.0.0.1", 1, 2, tmp_path, "sqlite://"))
    handovers.ask("web-0", "xx", {}, ())  # a language that the clinic does not serve any more
    handovers.ask("web-1", "tr", {}, ())
    handovers.engine().execute("UPDATE handovers SET at = at - 400")
    for _ in range(2):
        worker.tell_who_waited(Responses())
    assert len(threads.after("web-0", 0)) == 1
    [event] = threads.after("web-1", 0)
    assert event["language"] == "tr" and clinic.phone in event["text"] and "callback" in event["buttons"][0]["button"]


def test_who_is_forsaken_is_told_and_has_the_assistant_again(deliver, clinic, monkeypatch, tmp_path):
    use, _ = deliver
    use()
    changed = clinic.copy(update={"hand_over": None, "give_back_after_minutes": 5})  # staff may take it all the same
    monkeypatch.setattr(worker, "settings", lambda: Settings(changed, "127.0.0.1", 1, 2, tmp_path, "sqlite://"))
    handovers.ask("web-1", "fr", {}, ())
    handovers.take("web-1", "ines")
    handovers.reply("web-1", "ines", "Bonjour")
    threads.add("web-1", {"from": "patient", "text": "Bonjour, j'ai mal"})
    worker.tell_who_waited(Responses())
    assert handovers.current("web-1").state == "taken"
    handovers.engine().execute("UPDATE thread_events SET at = at - 400")
    handovers.engine().execute("UPDATE handovers SET at = at - 500, taken_at = taken_at - 450")
    for _ in range(2):
        worker.tell_who_waited(Responses())
    assert handovers.current("web-1") is None
    event = threads.after("web-1", 0)[-1]
    assert event["language"] == "fr" and clinic.phone in event["text"] and "callback" in event["buttons"][0]["button"]


def test_a_worker_killed_in_the_middle_of_an_attempt_leaves_it_to_the_next(tmp_path):
    """kill -9 while the receiver is slow: the delivery is tried again with the same key."""
    slow = Receiver()
    answer = slow.server.RequestHandlerClass.do_POST
    hang = threading.Event()
    hang.set()

    def do_POST(handler):
        if hang.is_set():
            slow.got.append(("hung", handler.headers["Idempotency-Key"]))
            time.sleep(60)
        else:
            answer(handler)

    slow.server.RequestHandlerClass.do_POST = do_POST
    slow.server.daemon_threads = True
    text = (
        (ROOT / "clinic.yml")
        .read_text()
        .replace("answer_within_hours: 24", f"answer_within_hours: 24\n  webhook: {{url: '{slow.url}/'}}")
    )
    (tmp_path / "clinic.yml").write_text(text)
    environment = {**os.environ, "ASSISTANT_STATE": str(tmp_path), "ASSISTANT_CLINIC": str(tmp_path / "clinic.yml")}
    environment |= {"ASSISTANT_WEBHOOK_SECRET": "s" * 32, "PYTHONPATH": str(ROOT)}
    environment.pop("ASSISTANT_DATABASE_URL", None)
    script = "from bot.store import requests; requests.create('web-1', 'd', 'callback', 'en', {'name': 'A'}, ('webhook',))"
    subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, check=True)
    first = subprocess.Popen([sys.executable, "-m", "bot.delivery.worker"], env=environment, cwd=ROOT)
    wait(lambda: slow.got)
    first.kill()
    first.wait()
    hang.clear()
    store = sa.create_engine(f"sqlite:///{tmp_path / 'assistant.db'}")
    store.execute("UPDATE outbox SET next_at = 0")  # its lease has run out
    second = subprocess.Popen([sys.executable, "-m", "bot.delivery.worker"], env=environment, cwd=ROOT)
    wait(lambda: store.execute("SELECT COUNT(*) FROM outbox WHERE state = 'sent'").scalar() == 1)
    second.terminate()
    assert second.wait(timeout=30) == 0
    assert slow.got[0][1] == slow.got[1][2]["Idempotency-Key"] and len(slow.got) == 2


def wait(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.1)


@pytest.mark.parametrize(
    "entry, complaint",
    [
        ({"mail": {"to": "nobody", "sender": "a@b.c", "host": "h"}}, "requests.mail.to"),
        ({"mail": {"to": "a@b.co", "sender": "a@b.c", "host": "mail.example", "security": "none"}}, "unprotected"),
        ({"webhook": {"url": "http://elsewhere.example"}}, "https://"),
        ({"fhir": {"adress": "https://x.example"}}, "requests.fhir"),
        ({"answer_within_hours": 0}, "answer_within_hours"),
        ({"by_link_only": True}, "booking_link"),
    ],
)
def test_a_wrong_target_is_named(tmp_path, entry, complaint):
    import yaml

    from bot import yaml_files
    from bot.errors import SettingsError
    from bot.settings import load_clinic

    data = yaml_files.read(ROOT / "clinic.yml")
    data["requests"] = entry
    if "by_link_only" in entry:
        del data["booking_link"]
    (tmp_path / "clinic.yml").write_text(yaml.safe_dump(data))
    with pytest.raises(SettingsError, match=complaint):
        load_clinic(tmp_path / "clinic.yml")
