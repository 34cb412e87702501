"""The WhatsApp channel's parts: what comes in, who wrote it, what goes out and how it is sent."""
