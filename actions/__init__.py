"""Custom actions, one a file. They import of bot only the store, the settings and bot.scheduling."""
