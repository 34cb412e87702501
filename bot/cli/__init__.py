"""The command line: `bot --help`."""
