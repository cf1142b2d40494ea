"""A request for assistance as a partner would write it."""

from typing import Any

from kit.room import Room
from tocsin.ops.activation.models import Request
from tocsin.ops.activation.services import requests as services

CONTENT: dict[str, Any] = {
    "organisations": "Ministry of Defence\nFirst Bank",
    "sectors": ["banking", "public_administration"],
    "entity": "essential",
    "type": "availability/ddos",
    "description": "Floods of SYN packets since the afternoon; web site and bank portals do not answer.",
    "first_noticed": "2022-02-15T13:02",
    "ongoing": "yes",
    "services": "web site of the ministry: down\ncard payments: slow, 3 million people",
    "spillover": "possible",
    "measures": "Scrubbing at two carriers; the portal answers to addresses of the country only.",
    "asked": ["incident_response", "vulnerability_assessment"],
    "task": "Find out what floods us and keep it out. We lack people who read captures.",
    "mode": "both",
    "place": "Kyiv, main site",
    "start": "2022-02-22",
    "days": "21",
    "languages": ["en", "uk"],
    "contact_name": "Duty officer",
    "contact_phone": "+380 44 000 0000",
    "contact_check": "the word agreed in January",
    "tlp": "TLP:AMBER+STRICT",
}


def draft(room: Room, by: str = "staff", **changes: Any) -> Request:
    """A complete draft of the ministry, not handed in."""
    actor = room.actor(by)
    request = services.start_request(actor, room.partners["mod"])
    return services.save_draft(actor, request, {**CONTENT, **changes})


def handed_in(room: Room, by: str = "staff", **changes: Any) -> Request:
    """A request of the ministry that was handed in."""
    request = draft(room, by, **changes)
    services.submit_request(room.actor(by), request)
    return request
