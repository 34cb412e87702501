"""A conversation in the terminal."""
from __future__ import annotations

from typing import Any, Dict, List, Optional

import typer

from bot.cli.client import Client
from bot.errors import ServerError


def show(messages: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Prints `messages` and returns the buttons below the last one."""
    for message in messages:
        typer.echo(f"\n{message['text']}")
    buttons = messages[-1]["buttons"] if messages else []
    for number, button in enumerate(buttons, 1):
        typer.echo(f"  [{number}] {button['title']}")
    return buttons


def converse(client: Client, language: Optional[str]) -> None:
    """Talks until the end of input. A message that could not be sent is kept to be sent again."""
    buttons = show(client.greet(language))
    while True:
        try:
            text = input("\n> ")
        except (EOFError, KeyboardInterrupt):
            typer.echo("")
            return
        try:
            if text.isdigit() and 0 < int(text) <= len(buttons):
                buttons = show(client.send(button=buttons[int(text) - 1]["button"]))
            else:
                buttons = show(client.send(text))
        except ServerError as error:
            typer.echo(f"{error}\nNot sent: {text}")
