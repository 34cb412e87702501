"""First and family names of the countries patients come from, from the lists of Faker (MIT licence).

A first name in capitals is a name wherever it stands, unless it is also an everyday word ("Will", "Rose", "Umut").
"""
from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import FrozenSet, Iterable

from babel.dates import get_day_names, get_month_names

from bot import yaml_files
from bot.nlu.languages import LANGUAGES, fold
from bot.settings import ROOT

_COUNTRIES = ("en_GB", "en_US", "fr_FR", "fr_BE", "nl_BE", "nl_NL", "de_DE", "it_IT", "es_ES", "pl_PL", "ar_AA", "tr_TR")
_FIRST = ("first_names", "first_names_male", "first_names_female")
_OURS = yaml_files.read(ROOT / "data" / "names.yml")
NOT_NAMED = frozenset(_OURS["not_named"].split())


@lru_cache(maxsize=1)
def first() -> FrozenSet[str]:
    """Returns first names, folded, that are no everyday words."""
    days = [names(locale=code).values() for code in LANGUAGES for names in (get_day_names, get_month_names)]
    calendar = {fold(name) for each in days for name in each}
    return _listed(_FIRST) - calendar - set(f"{_OURS['words']} {_OURS['strange']}".split())


@lru_cache(maxsize=1)
def known() -> FrozenSet[str]:
    """Returns first and family names, folded, everyday words among them: for places where a name is expected."""
    return _listed((*_FIRST, "last_names"))


def _listed(fields: Iterable[str]) -> FrozenSet[str]:
    providers = [import_module(f"faker.providers.person.{country}").Provider for country in _COUNTRIES]
    names = {str(name) for provider in providers for field in fields for name in getattr(provider, field, ())}
    return frozenset({fold(part) for name in names for part in name.split() if len(part) > 2} | set(_OURS["also"].split()))
