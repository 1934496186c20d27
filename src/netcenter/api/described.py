"""The rest of the OpenAPI document: the doors and webhooks of the channels, and the webhooks on events."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from django.conf import settings
from ninja.openapi.schema import OpenAPISchema

from netcenter.api.problems import MEDIA
from netcenter.api.rules import GROUPS

WELCOME = """
What a person may do at the desk, a program may do with their key, under their name and with their rights.

- **Keys** are made at Settings → API and webhooks, and sent as `Authorization: Bearer nct_…`.
- **Errors** are `application/problem+json`, in the language of the key's person; `code` is stable.
- **Pages** are read by the `next` of the page before.
- **Limits**: 600 requests a minute for each key; then 429 with `Retry-After`.
- **Webhooks** on events, and the channels whose doors are described here, sign as told under *Signature*.
"""

TAGS = [
    {"name": "Cases", "description": "What customers said, and answering it."},
    {"name": "Accounts", "description": "The brands' presence on networks."},
    {"name": "Figures", "description": "The ledger, and whether the house is ready."},
    {"name": "Keys", "description": "Whose key this is."},
    {"name": "Doors", "description": "What other systems post to an account, and what is posted to them."},
]

FILE = {
    "responses": {
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    }
}

_EVENT = {
    "type": "object",
    "required": ["id", "type", "at", "actor", "data"],
    "properties": {
        "id": {"type": "integer", "description": "Grows with time. The same id again is the same event."},
        "type": {"type": "string", "examples": sorted(kind for group in GROUPS for kind in group.kinds)},
        "at": {"type": "string", "format": "date-time"},
        "actor": {"type": "string", "description": "person:3, customer:8 or system"},
        "case": {"type": ["integer", "null"]},
        "operator": {"type": ["integer", "null"], "description": "Whose desk it concerns."},
        "brand": {"type": ["integer", "null"]},
        "data": {"type": "object", "description": "What else is known; differs by type."},
    },
}

_TOLD = {
    "post": {
        "operationId": "event_webhook",
        "tags": ["Doors"],
        "summary": "Something happened",
        "description": "Posted to the addresses at Settings → API and webhooks, within seconds, at least once and not "
        "always in order. Answer 2xx within 15 seconds; 409 counts as well. Other answers below 500 are final "
        "(but 408, 425, 429); the rest is tried again for two days, then it is a dead letter that a person can "
        "send again.",
        "parameters": [
            {"$ref": "#/components/parameters/SignatureTimestamp"},
            {"$ref": "#/components/parameters/Signature"},
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"},
             "description": "event- and the event's id."},
            {"name": "X-Netcenter-Event", "in": "header", "required": True, "schema": {"type": "string"}},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _EVENT}}},
        "responses": {"2XX": {"description": "Taken."}, "409": {"description": "Known already."}},
    }
}  # fmt: skip

_SIGNED = {
    "SignatureTimestamp": {
        "name": "X-Netcenter-Timestamp", "in": "header", "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]{1,11}$"},
        "description": "Seconds since 1970. More than 300 seconds off, it is refused.",
    },
    "Signature": {
        "name": "X-Netcenter-Signature", "in": "header", "required": True,
        "schema": {"type": "string", "pattern": "^v1=[0-9a-f]{64}(,v1=[0-9a-f]{64})*$"},
        "description": 'v1= and the hex HMAC-SHA256 of timestamp + "." + body under the secret; several, separated by '
        "commas, while a secret is being changed: one that matches is enough.",
    },
}  # fmt: skip


def complete(schema: OpenAPISchema) -> OpenAPISchema:
    """Ninja's document, with the rest of what the house speaks."""
    for path in schema["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if str(status) >= "400" and "content" in answer:
                    answer["content"] = {MEDIA: answer["content"].pop("application/json")}
    schema["webhooks"] = {"event": _TOLD}
    schema["components"]["parameters"] = dict(_SIGNED)
    for part in _parts():
        schema["paths"].update(part.get("paths", {}))
        schema["webhooks"].update(part.get("webhooks", {}))
        for name, things in part.get("components", {}).items():
            schema["components"].setdefault(name, {}).update(things)
    return schema


@cache
def _parts() -> list[dict[str, Any]]:
    """What each installed channel says of its own wire: `openapi.json` in its folder, if it has one."""
    found = [files(module).joinpath("openapi.json") for module in settings.CHANNELS]
    return [json.loads(file.read_text()) for file in found if file.is_file()]
