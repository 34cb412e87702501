"""Serves actions/ to the assistant alone: on this machine's loopback, to callers that know the secret of this start.

Every action carries a patient's whole conversation and may write to the database, so another user or program of this
machine must not be able to call one. The secret is in the environment of both processes and nowhere else.
"""
from __future__ import annotations

import hmac
import logging
import os
import traceback
from typing import Optional

from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.errors import SettingsError
from bot.settings import settings

SECRET = "ASSISTANT_ACTIONS_SECRET"
HEADER = "X-Assistant-Secret"  # endpoints.yml makes Rasa send it
_SHORTEST = 32  # characters
logger = logging.getLogger(__name__)


def closed_app(secret: str) -> Sanic:
    """Returns the SDK's server, which answers 403 to whoever does not send `secret`; its log and errors hold no content.

    Raises:
        SettingsError: `secret` is missing or too short.
    """
    if len(secret) < _SHORTEST:
        raise SettingsError(f"{SECRET} needs {_SHORTEST} characters or more; 'bot run' makes one for each start")
    app = create_app("actions", cors_origins=None)

    @app.middleware("request")
    async def admit(request: Request) -> Optional[HTTPResponse]:
        given = request.headers.get(HEADER, "")
        if hmac.compare_digest(given.encode(errors="replace"), secret.encode()):
            return None
        logger.warning("a call without the secret of the action server was refused")
        return response.json({"error": f"the header {HEADER} is missing or wrong"}, status=403)

    @app.exception(Exception)  # in place of the SDK's own, which answers with the whole conversation, and Rasa logs that
    async def failed(_: Request, error: Exception) -> HTTPResponse:
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("an action failed with %s\n%s", type(error).__name__, where)
        return response.json({"error": type(error).__name__}, status=500)

    return app


def main() -> None:
    """Serves until told to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    app = closed_app(os.environ.get(SECRET, ""))
    app.run("127.0.0.1", settings().actions_port, workers=1, access_log=False, motd=False)


if __name__ == "__main__":
    main()
