"""Wire formats to messages and back. No intents, no answers, no medical logic."""
