"""The one place that reads clinic.yml and the environment, into frozen objects.

Environment variables, all optional:

    ASSISTANT_PORT            port of the assistant (default 5005)
    ASSISTANT_ACTIONS_PORT    port of the action server, loopback only (default 5055)
    ASSISTANT_CONSOLE_PORT    port of the staff console (default 5006)
    ASSISTANT_CONSOLE_HOST    address the staff console listens on (default 127.0.0.1)
    ASSISTANT_ACTIONS_SECRET  lets the assistant call the action server (default made anew at each start)
    ASSISTANT_HOST            address the assistant listens on (default 127.0.0.1; 0.0.0.0 behind a proxy)
    ASSISTANT_STATE           folder of database and keys (default var/)
    ASSISTANT_DATABASE_URL    SQLAlchemy URL (default SQLite in the state folder)
    ASSISTANT_SECRET          key that signs sessions (default generated once, state folder, owner only)
    ASSISTANT_CLINIC          path of clinic.yml
    ASSISTANT_DATA            folder of nlu/ and stories/ that models are trained on (default data/)
    ASSISTANT_QUESTIONS       folder of held-out test questions (default tests/nlu/)
    ASSISTANT_MODELS          folder of trained models (default models/)
    ASSISTANT_SMTP_USER, ASSISTANT_SMTP_PASSWORD   for the mail target
    ASSISTANT_WEBHOOK_SECRET  key that signs what the webhook gets
    ASSISTANT_FHIR_TOKEN      bearer token of the FHIR server

The WhatsApp channel is on as soon as these are set, see docs/whatsapp.md; the first four belong together:

    ASSISTANT_WHATSAPP_PHONE_NUMBER_ID   Meta's id of the clinic's number (no phone number)
    ASSISTANT_WHATSAPP_ACCESS_TOKEN      lets the assistant send
    ASSISTANT_WHATSAPP_APP_SECRET        proves that a delivery comes from Meta
    ASSISTANT_WHATSAPP_VERIFY_TOKEN      a word of your own, asked for once by Meta
    ASSISTANT_WHATSAPP_TEMPLATE          name of an approved template that asks a patient to write again (may be left out)
    ASSISTANT_WHATSAPP_API_URL           default https://graph.facebook.com/v24.0
"""
from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Dict, Mapping, Optional, Tuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from babel.dates import get_day_names
from pydantic import BaseModel, Extra, Field, HttpUrl, ValidationError, validator

from bot import yaml_files
from bot.delivery.targets import WEEK, HandOver, Requests, checked_hours
from bot.errors import SettingsError
from bot.nlu.languages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "data" / "answers"
RED_FLAGS = ROOT / "data" / "red_flags"
FOLLOW_UPS = ROOT / "data" / "follow_ups.yml"
_WHATSAPP = ("PHONE_NUMBER_ID", "ACCESS_TOKEN", "APP_SECRET", "VERIFY_TOKEN")


class Keep(BaseModel):
    """How many days is kept what is not simply a part of the conversation; None: as long as that."""

    requests: Optional[int] = Field(default=None, gt=0)
    notes: Optional[int] = Field(default=None, gt=0)
    proposals: int = Field(default=730, gt=0, le=3650)
    audit: int = Field(default=1095, ge=365, le=3650)  # the database refuses to delete what is younger than a year
    statistics: int = Field(default=1825, gt=0, le=3650)

    class Config:
        """Unknown keys are errors, and nothing changes after loading."""

        extra = Extra.forbid
        frozen = True


class Clinic(BaseModel):
    """The clinic's own facts, as clinic.yml states them."""

    name: str = Field(min_length=2)
    address: str = Field(min_length=5)
    phone: str = Field(regex=r"^\+?[0-9][0-9 ().-]{5,}$")
    email: str = Field(regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    time_zone: str
    emergency_number: str = Field(regex=r"^[0-9]{2,6}$")
    crisis_line: Optional[str] = Field(default=None, regex=r"^\+?[0-9][0-9 ().-]{2,}$")
    booking_link: Optional[HttpUrl] = None
    privacy_link: Optional[HttpUrl] = None
    opening_hours: Dict[str, str]
    closed_on: Tuple[date, ...] = ()
    requests: Requests = Requests()
    hand_over: Optional[HandOver] = None
    give_back_after_minutes: int = Field(default=30, gt=0, le=1440)
    keep_conversations_days: int = Field(gt=0, le=3650)
    keep_days: Keep = Keep()
    review_answers_after_days: int = Field(default=365, gt=0, le=3650)
    new_conversation_after_hours: int = Field(default=72, gt=0, le=720)
    websites: Tuple[str, ...] = ()
    languages: Tuple[str, ...]
    default_language: str

    class Config:
        """Unknown keys are errors, and nothing changes after loading."""

        extra = Extra.forbid
        frozen = True

    @validator("time_zone")
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"'{value}' is no time zone; write one like Europe/Brussels") from None
        return value

    @validator("opening_hours", pre=True)
    def _days_and_hours(cls, value: Dict[str, str]) -> Dict[str, str]:
        return checked_hours(value)

    @validator("keep_days")
    def _no_longer_than_promised(cls, value: Keep, values: Dict[str, object]) -> Keep:
        for name in ("requests", "notes"):
            if (getattr(value, name) or 0) > values.get("keep_conversations_days", 3650):  # type: ignore[operator]
                raise ValueError(f"{name} would stay longer than keep_conversations_days, which patients are told")
        return value

    @validator("websites", each_item=True)
    def _an_origin(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^/\s]+", value):
            raise ValueError(f"'{value}' should look like https://www.clinic.example, without a path")
        return value

    @validator("languages")
    def _languages_known(cls, value: Tuple[str, ...]) -> Tuple[str, ...]:
        unknown = [code for code in value if code not in LANGUAGES]
        if unknown:
            raise ValueError(f"no module bot/nlu/languages/{unknown[0]}.py; known are {', '.join(LANGUAGES)}")
        return value

    @validator("default_language")
    def _default_served(cls, value: str, values: Dict[str, object]) -> str:
        if value not in values.get("languages", ()):  # type: ignore[operator]
            raise ValueError(f"'{value}' is not among languages")
        return value

    @validator("requests")
    def _link_given(cls, value: Requests, values: Dict[str, object]) -> Requests:
        if value.by_link_only and not values.get("booking_link"):
            raise ValueError("by_link_only needs a booking_link")
        return value

    def hand_over_hours(self) -> Mapping[str, str]:
        """Returns when conversations can be handed to a person; empty if they never can."""
        if self.hand_over is None:
            return {}
        return self.hand_over.hours or self.opening_hours

    def hours(self, language: str) -> str:
        """Returns the opening hours as patients read them, days with the same hours together."""
        names = get_day_names("wide", locale=language)
        runs: list = []
        for index, day in enumerate(WEEK):
            hours = self.opening_hours.get(day)
            if runs and runs[-1][2] == hours:
                runs[-1][1] = index
            else:
                runs.append([index, index, hours])
        parts = []
        for first, last, hours in runs:
            if hours:
                days = names[first] if first == last else f"{names[first]} – {names[last]}"
                parts.append(f"{days} {hours.replace('-', '–')}")
        return ", ".join(parts)

    def placeholders(self, language: str) -> Dict[str, str]:
        """Returns what the `{clinic_…}` placeholders of answers stand for in `language`."""
        return {
            "clinic_name": self.name,
            "clinic_address": self.address,
            "clinic_phone": self.phone,
            "clinic_email": self.email,
            "clinic_hours": self.hours(language),
            "emergency_number": self.emergency_number,
            "crisis_line": self.crisis_line or self.emergency_number,
            "booking_link": self.booking_link or self.phone,
            "privacy_link": self.privacy_link or self.email,
            "keep_days": str(self.keep_conversations_days),
            "answer_hours": str(self.requests.answer_within_hours),
            "wait_minutes": str(self.hand_over.minutes if self.hand_over else 0),
        }


@dataclass(frozen=True)
class WhatsApp:
    """The clinic's number on Meta's WhatsApp Cloud API."""

    phone_number_id: str
    access_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    template: Optional[str]
    api_url: str


@dataclass(frozen=True)
class Settings:
    """Everything that differs from one installation to the next."""

    clinic: Clinic
    host: str
    port: int
    actions_port: int
    state: Path
    database_url: str
    whatsapp: Optional[WhatsApp] = None
    console_host: str = "127.0.0.1"
    console_port: int = 5006
    data: Path = ROOT / "data"
    questions: Path = ROOT / "tests" / "nlu"
    models: Path = ROOT / "models"

    @staticmethod
    def credential(name: str) -> Optional[str]:
        """Returns what the environment says under ASSISTANT_<name>, a secret of one of the targets; None if nothing."""
        return os.environ.get(f"ASSISTANT_{name}") or None

    @property
    def secret(self) -> str:
        """The key that signs sessions: from the environment, else made at the first use, readable by its owner only."""
        given = os.environ.get("ASSISTANT_SECRET")
        if given is not None:
            if len(given) < 32:
                raise SettingsError("ASSISTANT_SECRET is too short; use 32 characters or more, or leave it out")
            return given
        path = self.state / "secret"
        if not path.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            draft = self.state / f"secret.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32))
            try:
                os.link(draft, path)  # atomic: of two processes that start together, the first one's key stays
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()


def load_clinic(path: Path) -> Clinic:
    """Returns the clinic described by `path`.

    Raises:
        SettingsError: the file is missing or wrong; the text names each field and what it should look like.
    """
    try:
        entries = yaml_files.read(path)
        return Clinic(**entries)
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}; copy the example clinic.yml there") from error
    except (yaml.YAMLError, TypeError) as error:
        raise SettingsError(f"{path} is not a list of 'name: value' lines: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"{path}: {wrong}") from error


def _port(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name}='{text}' is no port; use a number from 1 to 65535")
    return int(text)


def _folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(f"ASSISTANT_{name}", default)).resolve()


def _whatsapp() -> Optional[WhatsApp]:
    """Returns the settings of the WhatsApp channel, None if there are none: the channel is then off."""
    prefix = "ASSISTANT_WHATSAPP_"
    given = {key: os.environ.get(prefix + key, "").strip() for key in _WHATSAPP}
    if not any(given.values()):
        return None
    missing = [prefix + key for key, value in given.items() if not value]
    if missing:
        raise SettingsError(f"WhatsApp needs {', '.join(missing)} too; docs/whatsapp.md says where to find it")
    url = os.environ.get(f"{prefix}API_URL", "https://graph.facebook.com/v24.0").rstrip("/")
    template = os.environ.get(f"{prefix}TEMPLATE") or None
    return WhatsApp(**{key.lower(): value for key, value in given.items()}, template=template, api_url=url)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Returns the settings of this process, read once.

    Raises:
        SettingsError: see :func:`load_clinic`.
    """
    state = _folder("STATE", ROOT / "var")
    return Settings(
        clinic=load_clinic(Path(os.environ.get("ASSISTANT_CLINIC", ROOT / "clinic.yml"))),
        host=os.environ.get("ASSISTANT_HOST", "127.0.0.1"),
        port=_port("ASSISTANT_PORT", 5005),
        actions_port=_port("ASSISTANT_ACTIONS_PORT", 5055),
        state=state,
        database_url=os.environ.get("ASSISTANT_DATABASE_URL", f"sqlite:///{state / 'assistant.db'}"),
        whatsapp=_whatsapp(),
        console_host=os.environ.get("ASSISTANT_CONSOLE_HOST", "127.0.0.1"),
        console_port=_port("ASSISTANT_CONSOLE_PORT", 5006),
        data=_folder("DATA", ROOT / "data"),
        questions=_folder("QUESTIONS", ROOT / "tests" / "nlu"),
        models=_folder("MODELS", ROOT / "models"),
    )
