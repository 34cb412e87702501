"""Who is speaking: session tokens that only this server can issue, and buttons that only this server can offer."""
from __future__ import annotations

import secrets

from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer

from bot.errors import SessionError

ISSUED = "web-"  # what the conversation ids begin with that pages get
_LIFETIME = 30 * 86_400  # seconds a token is accepted after it was issued


class Sessions:
    """Issues and checks tokens with one secret key; stateless, so every server process accepts them."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._tokens = URLSafeTimedSerializer(secret, salt="session")

    def issue(self, conversation: str | None = None) -> str:
        """Returns a token for `conversation`, by default a new one that cannot be guessed (128 bit)."""
        return str(self._tokens.dumps(conversation or f"{ISSUED}{secrets.token_hex(16)}"))

    def conversation(self, token: str) -> str:
        """Returns the conversation id in `token`.

        Raises:
            SessionError: the token is not ours, was changed, or is older than 30 days.
        """
        try:
            return str(self._tokens.loads(token, max_age=_LIFETIME))
        except (BadSignature, UnicodeError) as error:
            raise SessionError("the session is unknown or has expired") from error

    def offer(self, conversation: str, payload: str) -> str:
        """Returns `payload` signed as a button offered in `conversation`."""
        return self._buttons(conversation).sign(payload).decode()

    def pressed(self, conversation: str, button: str) -> str:
        """Returns the payload of a button.

        Raises:
            SessionError: it was never offered in this conversation.
        """
        try:
            return self._buttons(conversation).unsign(button).decode()
        except (BadSignature, UnicodeError) as error:
            raise SessionError("the button was not offered in this conversation") from error

    def _buttons(self, conversation: str) -> Signer:
        return Signer(self._secret, salt=f"button {conversation}", sep="~")
