"""A request as a FHIR R4 `Appointment` with the status `proposed`, on a FHIR server of the clinic.

The reference is its identifier. A new request is created only if the server has none of that identifier, and a later
version replaces it by a conditional update: an attempt that is repeated doubles nothing. See
https://hl7.org/fhir/R4/appointment.html and https://hl7.org/fhir/R4/http.html#cond-update.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Dict, List
from zoneinfo import ZoneInfo

import httpx

from bot.delivery.targets import Endpoint
from bot.scheduling import wording
from bot.scheduling.contacts import CHAT
from bot.scheduling.dates import Window
from bot.settings import Clinic, settings
from bot.store.outbox import Delivery

SYSTEM = "urn:kyphoplasty-assistant:request"
_PATIENCE = 15.0  # seconds
_NOON = time(12)
_MOST_PERIODS = 10


def deliver(target: Endpoint, delivery: Delivery) -> None:
    """Creates or replaces the appointment; raises httpx.HTTPError unless the server answers 2xx."""
    headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
    token = settings().credential("FHIR_TOKEN")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body, url = appointment(delivery.payload, settings().clinic), f"{str(target.url).rstrip('/')}/Appointment"
    mine = {"identifier": f"{SYSTEM}|{delivery.payload['reference']}"}
    if delivery.payload["version"] == 1:
        headers["If-None-Exist"] = f"identifier={mine['identifier']}"
        answer = httpx.post(url, json=body, headers=headers, timeout=_PATIENCE)
    else:
        answer = httpx.put(url, params=mine, json=body, headers=headers, timeout=_PATIENCE)
    answer.raise_for_status()


def appointment(payload: Dict[str, Any], clinic: Clinic) -> Dict[str, Any]:
    """Returns the resource; the patient is contained in it, since the clinic's own record is not known here."""
    contact, code = payload["contact"], clinic.default_language
    patient = {
        "resourceType": "Patient",
        "id": "patient",
        "name": [{"text": payload["name"]}],
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": payload["language"]}]}}],
    }
    system = "other" if contact == CHAT else "email" if "@" in contact else "phone"
    telecom = [{"system": system, "value": contact}]
    if payload.get("caller"):
        patient["contact"] = [{"name": {"text": payload["caller"]}, "telecom": telecom}]
    else:
        patient["telecom"] = telecom
    found: Dict[str, Any] = {
        "resourceType": "Appointment",
        "identifier": [{"system": SYSTEM, "value": payload["reference"]}],
        "status": "cancelled" if payload["event"].endswith("withdrawn") else "proposed",
        "contained": [patient],
        "participant": [{"actor": {"reference": "#patient"}, "status": "accepted"}],
        "requestedPeriod": _periods(payload.get("when") or [], clinic),
        "comment": wording.windows(payload.get("when") or [], code) or None,
        "created": datetime.fromtimestamp(payload["at"], ZoneInfo(clinic.time_zone)).isoformat(timespec="seconds"),
    }
    if payload.get("reason"):
        found["reasonCode"] = [{"text": payload["reason"]}]
    return {key: value for key, value in found.items() if value}


def _periods(windows: List[Dict[str, Any]], clinic: Clinic) -> List[Dict[str, str]]:
    zone, found = ZoneInfo(clinic.time_zone), []
    for data in windows[:_MOST_PERIODS]:
        window = Window.from_json(data)
        begin = _NOON if window.half == "afternoon" else time(0)
        last = datetime.combine(window.last, _NOON if window.half == "morning" else time(0), tzinfo=zone)
        end = last if window.half == "morning" else last + timedelta(days=1)
        found.append({"start": datetime.combine(window.first, begin, tzinfo=zone).isoformat(), "end": end.isoformat()})
    return found
