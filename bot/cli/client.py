"""Talks to a running assistant as the website does."""
from __future__ import annotations

from typing import Any, Dict, List, Optional

import httpx

from bot.channels.sessions import Sessions
from bot.errors import ServerError
from bot.settings import settings

_PROBE = "When can I get up after the operation?"


class Client:
    """One conversation with the assistant at `url`."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60)
        self._session: Optional[str] = None

    def resume(self, conversation: str) -> None:
        """Speaks in the named conversation from now on; this machine holds the key that signs sessions."""
        self._session = Sessions(settings().secret).issue(f"terminal-{conversation}")

    def greet(self, language: Optional[str] = None) -> List[Dict[str, Any]]:
        """Starts a new conversation and returns the assistant's first messages."""
        answer = self._post("session", {"language": language})
        self._session = answer["session"]
        return answer["messages"]

    def send(self, text: Optional[str] = None, *, button: Optional[str] = None) -> List[Dict[str, Any]]:
        """Returns the messages that answer `text`, or a button the assistant offered.

        Raises:
            ServerError: nobody answers, or not as documented.
        """
        body = {"session": self._session, **({"button": button} if button else {"text": text})}
        answer = self._post("message", body)
        self._session = answer["session"]
        return answer["messages"]

    def answers(self) -> bool:
        """Returns whether a real question gets a real answer now."""
        try:
            self.resume("health-check")
            messages = self.send(_PROBE)
        except ServerError:
            return False
        finally:
            self._session = None
        return any(message.get("topic") == "faq_getting_up" for message in messages)

    def without_model(self) -> bool:
        """Returns whether the server is up but could not load its model."""
        try:
            return self._http.get("/webhooks/web").status_code == 503
        except httpx.HTTPError:
            return False

    def _post(self, path: str, body: Dict[str, Any]) -> Dict[str, Any]:
        try:
            response = self._http.post(f"/webhooks/web/{path}", json=body)
            response.raise_for_status()
            return response.json()
        except httpx.HTTPStatusError as error:
            raise ServerError(f"the assistant answered {error.response.status_code}: {error.response.text[:200]}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise ServerError(f"the assistant does not answer ({error}); start it with 'make run'") from error
