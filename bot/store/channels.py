"""Which channel a conversation is in; its name begins with it."""
from __future__ import annotations

WEB, WHATSAPP, TERMINAL = "web", "whatsapp", "terminal"


def channel(conversation: str) -> str:
    """Returns WEB, WHATSAPP, or TERMINAL for the operator's own."""
    kind = conversation.split("-", 1)[0]
    return kind if kind in (WEB, WHATSAPP) else TERMINAL
