"""clinic.yml is checked with errors a person can act on; the key is private."""
import os
import stat

import pytest
import yaml

from bot import yaml_files
from bot.errors import SettingsError
from bot.settings import ROOT, Settings, load_clinic

EXAMPLE = yaml_files.read(ROOT / "clinic.yml")


def test_the_example_is_valid_and_speaks_every_language():
    clinic = load_clinic(ROOT / "clinic.yml")
    assert "Monday – Thursday 08:30–17:00" in clinic.hours("en")
    assert "vendredi 08:30–15:00" in clinic.hours("fr")
    assert "Pazartesi" in clinic.hours("tr")


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"time_zone": "Mars/Base"}, "no time zone"),
        ({"phone": "call us"}, "phone"),
        ({"emergency_number": "soon"}, "emergency_number"),
        ({"opening_hours": {"funday": "08:00-12:00"}}, "no day"),
        ({"opening_hours": {"monday": "8 to 12"}}, "should look like"),
        ({"default_language": "de"}, "not among languages"),
        ({"languages": ["en", "xx"]}, "no module"),
        ({"phnoe": "typo"}, "phnoe"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, change, complaint):
    path = tmp_path / "clinic.yml"
    path.write_text(yaml.safe_dump({**EXAMPLE, **change}))
    with pytest.raises(SettingsError) as error:
        load_clinic(path)
    assert complaint in str(error.value)


@pytest.mark.parametrize("text", ["", "- a\n- b", "name: [", "just words"])
def test_a_file_that_is_no_settings_file(tmp_path, text):
    path = tmp_path / "clinic.yml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_clinic(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.yml"):
        load_clinic(tmp_path / "nowhere.yml")


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path, clinic, monkeypatch):
    monkeypatch.delenv("ASSISTANT_SECRET", raising=False)
    settings = Settings(clinic, "127.0.0.1", 1, 2, tmp_path, "sqlite://")
    assert settings.secret == settings.secret and len(settings.secret) == 64
    assert stat.S_IMODE(os.stat(tmp_path / "secret").st_mode) == 0o600


def test_a_short_key_is_refused(tmp_path, clinic, monkeypatch):
    monkeypatch.setenv("ASSISTANT_SECRET", "short")
    with pytest.raises(SettingsError, match="32 characters"):
        _ = Settings(clinic, "127.0.0.1", 1, 2, tmp_path, "sqlite://").secret
