"""Meta's side of the WhatsApp Cloud API, as its pages document it: a server that takes messages, and signed deliveries."""
from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import queue
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

NUMBER, DISPLAY, TOKEN, SECRET, VERIFY = "100200300", "3225550123", "a-token", "an-app-secret", "a-verify-token"


def limits_broken(body):
    """Names what Meta would refuse in `body`, None if nothing."""
    if body["type"] == "text" and not 0 < len(body["text"]["body"]) <= 4096:
        return "text"
    if body["type"] != "interactive":
        return None if body["type"] in ("text", "template") else "type"
    content = body["interactive"]
    if not 0 < len(content["body"]["text"]) <= 1024:
        return "body"
    if content["type"] == "button":
        options = [button["reply"] for button in content["action"]["buttons"]]
        most, title = 3, 20
    else:
        if not 0 < len(content["action"]["button"]) <= 20:
            return "list button"
        options = [row for section in content["action"]["sections"] for row in section["rows"]]
        most, title = 10, 24
    if not 0 < len(options) <= most or len({option["title"] for option in options}) < len(options):
        return "number of options"
    fits = all(0 < len(option["title"]) <= title and 0 < len(option["id"]) <= 256 for option in options)
    return None if fits else "option"


class Graph:
    """Keeps what was sent to each patient, and reports each message as sent, until that is acknowledged.

    `faults` is asked for every message: None, a status and a body, or "answer lost". `meta` brings the reports.
    """

    def __init__(self):
        self.sent, self.reads, self.attempts = defaultdict(list), [], []
        self.refused, self.token, self.faults = [], TOKEN, lambda body: None
        self.meta, self._reports = None, queue.Queue()
        self._names, self._lock = itertools.count(1), threading.Lock()
        graph = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = graph.take(self.path, self.headers.get("Authorization"), body)
                if status is None:
                    self.close_connection = True
                    return
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v24.0"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        threading.Thread(target=self._report, daemon=True).start()

    def close(self):
        self._server.shutdown()

    def _report(self):
        while True:
            status = self._reports.get()
            while self.meta is not None:
                try:
                    if self.meta.bring(delivery(statuses=[status])).status_code == 200:
                        break
                except httpx.HTTPError:
                    time.sleep(0.5)

    def take(self, path, authorization, body):
        assert path == f"/v24.0/{NUMBER}/messages" and body["messaging_product"] == "whatsapp", path
        if authorization != f"Bearer {self.token}":
            return 401, error(190, "Error validating access token: Session has expired")
        if body.get("status") == "read":
            self.reads.append(body["message_id"])
            return 200, {"success": True}
        self.attempts.append(body)
        fault = self.faults(body)
        if isinstance(fault, tuple):
            return fault
        broken = limits_broken(body)
        if broken:
            self.refused.append((broken, body))
            return 400, error(100, f"Invalid parameter: {broken}")
        with self._lock:
            name = f"wamid.OUT{next(self._names)}"
            self.sent[body.get("to") or body["recipient"]].append({**body, "id": name})
        token = body["biz_opaque_callback_data"]
        self._reports.put({"id": name, "status": "sent", "timestamp": "1", "biz_opaque_callback_data": token})
        if fault == "answer lost":
            return None, None
        return 200, {"messaging_product": "whatsapp", "contacts": [], "messages": [{"id": name}]}

    def texts(self, patient):
        """Returns what the patient reads, in order."""
        return [text(body) for body in self.sent[patient]]

    def wait(self, patient, count=1, seconds=40):
        """Returns the messages to `patient` as soon as there are `count`."""
        deadline = time.monotonic() + seconds
        while len(self.sent[patient]) < count:
            assert time.monotonic() < deadline, f"{len(self.sent[patient])} of {count}: {self.texts(patient)}"
            time.sleep(0.05)
        return self.sent[patient]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # the assistant was killed in the middle of a request


def environment(graph):
    """Returns the settings of an assistant whose WhatsApp number lives in `graph`."""
    values = {
        "PHONE_NUMBER_ID": NUMBER,
        "ACCESS_TOKEN": TOKEN,
        "APP_SECRET": SECRET,
        "VERIFY_TOKEN": VERIFY,
        "TEMPLATE": "write_again",
        "API_URL": graph.url,
    }
    return {f"ASSISTANT_WHATSAPP_{key}": value for key, value in values.items()}


def error(code, message):
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}}


def text(body):
    if body["type"] == "template":
        return f"<template {body['template']['name']} {body['template']['language']['code']}>"
    return body["text"]["body"] if body["type"] == "text" else body["interactive"]["body"]["text"]


def options(body):
    """Returns the titles and ids below a message."""
    action = body.get("interactive", {}).get("action", {})
    rows = [row for section in action.get("sections", ()) for row in section["rows"]]
    return {option["title"]: option["id"] for option in [b["reply"] for b in action.get("buttons", ())] or rows}


_ids = itertools.count(1)


def message(patient, kind="text", name=None, at=None, **part):
    """Returns a message of `patient` as it stands in a delivery."""
    return {
        "from": patient,
        "id": name or f"wamid.IN{next(_ids)}.{patient}",
        "timestamp": str(int(at or time.time())),
        "type": kind,
        **({"text": {"body": part.pop("body")}} if kind == "text" and "body" in part else {}),
        **part,
    }


def delivery(*messages, statuses=(), field="messages", **more):
    """Returns a delivery of the webhook."""
    people = [{"profile": {"name": "A"}, "wa_id": number} for number in {m["from"] for m in messages if m.get("from")}]
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": DISPLAY, "phone_number_id": NUMBER},
        **({"contacts": people, "messages": list(messages)} if messages else {}),
        **({"statuses": list(statuses)} if statuses else {}),
        **more,
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"value": value, "field": field}]}],
    }


def sign(raw, secret=SECRET):
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


class Meta:
    """Brings deliveries to the assistant at `url`."""

    def __init__(self, url):
        self.webhook, self._http = f"{url}/webhooks/whatsapp/webhook", httpx.Client(timeout=30)

    def bring(self, body, signature=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-Hub-Signature-256": sign(raw) if signature is None else signature}
        return self._http.post(self.webhook, content=raw, headers={**headers, "Content-Type": "application/json"})

    def says(self, patient, body, **more):
        """Brings what `patient` writes, and checks that it is acknowledged."""
        sent = message(patient, body=body, **more)
        assert self.bring(delivery(sent)).status_code == 200
        return sent
