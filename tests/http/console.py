"""The staff console as a process of its own, and members of staff in a browser without scripts."""
import os
import re
import signal
import subprocess
import sys
import time

import httpx

from bot.settings import ROOT
from bot.store import staff
from tests.conftest import _free_port as free_port

PASSWORD = "four words nobody combines"


class Console:
    """`python -m bot.console` on the database of these tests."""

    def __init__(self, **environment):
        self.port = free_port()  # the assistant of other tests has a console too
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, **environment, "ASSISTANT_CONSOLE_PORT": str(self.port)}

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-m", "bot.console"], cwd=ROOT, env=self.environment)
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{self.url}/sign-in")
                return self
            except httpx.TransportError:
                assert self.process.poll() is None and time.monotonic() < deadline, "the console did not start"
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) in (0, -signal.SIGTERM)

    def visitor(self, **headers):
        return httpx.Client(base_url=self.url, headers={"Accept-Language": "en", **headers}, timeout=60)

    def member(self, name, role):
        """Returns a browser in which `name` is signed in, and has just made the account if there was none."""
        browser, known = Browser(self.visitor()), staff.find(name)
        if known and known.active and known.role == role:
            browser.client.cookies.set("console", staff.begin(name))
        else:
            browser.submit(f"/welcome/{staff.invite(name, role)}", password=PASSWORD, again=PASSWORD)
        assert browser.get("/account").status_code == 200
        return browser


class Browser:
    """Follows links and sends forms with the token their page carries."""

    def __init__(self, client):
        self.client = client

    def get(self, path, **more):
        return self.client.get(path, **more)

    def submit(self, path, **fields):
        answer = self.client.post(path, data={"csrf": self.token(), **fields})
        return self.get(answer.headers["location"]) if answer.status_code == 303 else answer

    def token(self):
        found = re.search(r'name="csrf" value="(\w+)"', self.get("/account").text)
        return found.group(1) if found else ""
