"""The widget for the clinic's website: static files, served by bot/channels/web.py."""
