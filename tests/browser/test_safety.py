"""Hostile text in both directions, pages of strangers, strict pages, and what is sent before the patient agrees."""
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from bot.cli.server import address
from bot.settings import settings
from tests.browser.widget import Widget, demo, words
from tests.conftest import WEBSITE

ATTACKS = [
    "<img src=x onerror='window.hacked=1'>",
    "<script>window.hacked=1</script>",
    '"><svg onload="window.hacked=1">',
    "javascript:window.hacked=1",
    "<a href='javascript:window.hacked=1'>call 0800 123 456</a>",
]
SHADOW = "document.querySelector('clinic-assistant').shadowRoot"
STRICT = f"default-src 'none'; script-src {address()}; connect-src {address()} {address().replace('http', 'ws')}"


def unharmed(widget):
    assert widget.page.evaluate("window.hacked") is None
    assert widget.page.evaluate(f"{SHADOW}.querySelectorAll('img, script, iframe, [onerror], [onload]').length") == 0
    links = widget.page.evaluate(f"[...{SHADOW}.querySelectorAll('a')].map(a => a.protocol)")
    assert set(links) <= {"tel:", "http:", "https:"}


def test_what_a_patient_types_is_only_ever_text(visitor):
    context = visitor()
    widget = Widget(context.new_page()).start()
    other = Widget(context.new_page())
    other.page.goto(demo())
    other.opener.click()
    text = "".join(ATTACKS)
    widget.say(text)
    assert widget.transcript()[1] == ["patient", text]
    other.heard(1)
    widget.page.reload()
    widget.opener.click()
    expect(widget.messages).to_have_count(3)
    for tab in (widget, other):
        assert tab.transcript()[1] == ["patient", text]
        unharmed(tab)


def test_what_the_assistant_says_is_only_ever_text(visitor):
    """Every string that the server sends is made hostile on its way: answers, buttons, sources, languages, numbers."""

    def poison(event):
        return {
            **event,
            "text": f"{event['text']} {' '.join(ATTACKS)}",
            "language": "en\" onload='window.hacked=1'",
            "sources": ATTACKS,
            "buttons": [{"title": attack, "button": attack} for attack in ATTACKS],
        }

    def connect(socket):
        server = socket.connect_to_server()

        def pass_on(text):
            message = json.loads(text)
            if message["type"] == "event":
                message["event"] = poison(message["event"])
            socket.send(json.dumps(message))

        server.on_message(pass_on)

    def config(route):
        found = route.fetch().json()
        found["clinic"].update(phone=ATTACKS[0], emergency_number=ATTACKS[3], privacy_link=ATTACKS[3], name=ATTACKS[1])
        route.fulfill(json=found)

    context = visitor()
    context.route_web_socket("**/socket", connect)
    context.route("**/web/config", config)
    widget = Widget(context.new_page()).start()
    widget.say("How long does the operation take?")
    assert ATTACKS[0] in widget.transcript()[-1][1]
    widget.answers.last.locator("summary").click()
    unharmed(widget)
    widget.dialog.locator(".help a").click()
    unharmed(widget)


def test_nonsense_in_the_browsers_store_does_no_harm(visitor):
    context = visitor()
    context.add_init_script(
        """
        const nonsense = { session: 'no json', consent: '{', size: '"x"', language: '7', seen: '[]', theme: '{}',
          'queue:1': '{"id": 1}', 'queue:2': 'null', 'queue:3': '{"id": "3"}' };
        if (location.protocol !== 'about:')
          for (const [key, value] of Object.entries(nonsense)) localStorage['clinic-assistant:' + key] = value;
        """
    )
    widget = Widget(context.new_page()).start()
    widget.say("How long does the operation take?")


def stored():
    return sa.create_engine(settings().database_url).execute(sa.text("SELECT COUNT(*) FROM thread_events")).scalar()


def test_nothing_is_sent_or_stored_before_the_patient_agrees_and_nothing_goes_elsewhere(visitor):
    context, requests, sockets = visitor(), [], []
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    widget = Widget(page)
    before = stored()
    page.goto(demo())
    widget.opener.click()
    widget.button("talk_to_person").click()
    expect(widget.button("privacy_accept")).to_be_visible()
    widget.button("privacy_decline").click()
    expect(widget.dialog.locator(".privacy")).to_contain_text(words("privacy_declined"))
    page.reload()
    widget.opener.click()
    expect(widget.button("privacy_accept")).to_be_visible()
    assert stored() == before and sockets == []
    assert not any("session" in url or "message" in url for url in requests)
    assert context.cookies() == [] and page.evaluate("localStorage.length") == 0

    widget.button("talk_to_person").click()
    widget.button("privacy_accept").click()
    widget.heard(0, 2)  # the greeting, and what was wished for
    assert stored() == before + 3
    assert all(url.startswith((address(), "blob:", "data:")) for url in requests)
    assert all(url.startswith(address().replace("http", "ws")) for url in sockets)


class _Site(SimpleHTTPRequestHandler):
    """A page of another website, as strict as a page can be."""

    def do_GET(self):
        line = f'<script src="{address()}/webhooks/web/widget/widget.js" data-lang="tr" defer></script>'
        body = f'<!doctype html><html lang="fr"><title>Clinic</title>{line}<h1>Clinic</h1></html>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", STRICT)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    """Starts a website at a port of this machine and returns its address."""
    servers = []

    def start(port=0):
        servers.append(ThreadingHTTPServer(("127.0.0.1", port), partial(_Site)))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_listed_page_can_embed_it_in_one_line_however_strict_the_page_is(visitor, site, catalogue):
    url = site(int(WEBSITE.rsplit(":", 1)[1]))
    page = visitor().new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    widget = Widget(page, "tr").start(url)
    widget.say("riskleri neler?")
    assert widget.answers.last.get_attribute("lang") == "tr"
    page.reload()
    widget.opener.click()
    expect(widget.messages).to_have_count(3)
    assert [text for text in complaints if "favicon" not in text] == []


def test_a_page_that_is_not_listed_cannot(visitor, site):
    page = visitor().new_page()
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    with page.expect_event("requestfailed"):
        page.goto(site())
    expect(page.locator("clinic-assistant .open")).to_have_count(0)
    base = f"{address()}/webhooks/web"
    assert failed[0] == f"{base}/config"
    for path in ("session", "message", "forget"):
        asked = f"fetch('{base}/{path}', {{method: 'POST', body: '{{}}'}}).then(() => 'read', () => 'refused')"
        assert page.evaluate(asked) == "refused"
    said = page.evaluate(
        f"new Promise(done => {{ const s = new WebSocket('{base.replace('http', 'ws')}/socket');"
        " s.onopen = () => s.send('{\"type\": \"hello\"}'); s.onmessage = event => done(event.data); })"
    )
    assert json.loads(said)["code"] == "origin"
