"""Every exception the assistant raises itself.

AssistantError
├── SettingsError       clinic.yml or the environment is incomplete or wrong
├── CatalogueError      an answer, a language or a red-flag rule is missing or malformed
├── EncoderError        a sentence encoder is missing or gives other vectors than it should
├── ModelError          no trained model, or one that does not fit the present data
├── ServerError         the server did not start, or does not answer
└── SessionError        a session token is unsigned, changed or expired
    └── SessionOver     it is ours, but its conversation was forgotten or silent for too long
"""


class AssistantError(Exception):
    """Base of all errors here; its text tells the operator what to do next."""


class SettingsError(AssistantError):
    """clinic.yml or the environment is incomplete or wrong."""


class CatalogueError(AssistantError):
    """An answer, a language or a red-flag rule is missing or malformed."""


class EncoderError(AssistantError):
    """A sentence encoder is missing or gives other vectors than it should."""


class ModelError(AssistantError):
    """There is no trained model, or it does not fit the present data."""


class ServerError(AssistantError):
    """The server did not start, or does not answer."""


class SessionError(AssistantError):
    """A session token is unsigned, changed or expired."""


class SessionOver(SessionError):
    """A conversation that was forgotten, or silent for too long: a new one begins."""
