"""Custom actions, one a file. They import of bot only the store and the settings."""
