"""Serves the console until told to stop."""
from __future__ import annotations

import logging

import uvicorn

from bot.console.app import create
from bot.settings import settings


def main() -> None:
    """Listens where the settings say. A proxy on this machine may say that the browser came by https."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    uvicorn.run(
        create(),
        host=settings().console_host,
        port=settings().console_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        ws="none",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
