"""A PostgreSQL server of its own, started from the programs of this machine, that can be killed and started again."""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from tests.conftest import _free_port


class Postgres:
    """As root it runs as the user that owns PostgreSQL's files; `url` is what ASSISTANT_DATABASE_URL takes."""

    def __init__(self):
        self._programs = Path(os.path.realpath(shutil.which("postgres"))).parent
        self._place, self._port = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp")), _free_port()
        user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        self._become = ["setpriv", f"--reuid={user}", "--clear-groups"] if os.geteuid() == 0 else []
        if self._become:
            shutil.chown(self._place, user)
        self._data = str(self._place / "data")
        command = [*self._become, str(self._programs / "initdb"), "-D", self._data, "-A", "trust", "-U", "assistant"]
        subprocess.run(command, check=True, capture_output=True)
        self.url = f"postgresql://assistant@127.0.0.1:{self._port}/postgres"
        self.start()

    def start(self):
        command = [*self._become, str(self._programs / "postgres"), "-D", self._data, "-p", str(self._port)]
        self._server = subprocess.Popen(
            [*command, "-k", str(self._place), "-c", "fsync=off"], stderr=subprocess.PIPE, text=True
        )
        for line in self._server.stderr:
            if "ready to accept connections" in line:
                break
        threading.Thread(target=self._server.stderr.read, daemon=True).start()

    def kill(self):
        """Ends it as a power cut does, with all its connections."""
        self._server.kill()
        self._server.wait()

    def close(self):
        self._server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        self._server.wait()
        shutil.rmtree(self._place, ignore_errors=True)
