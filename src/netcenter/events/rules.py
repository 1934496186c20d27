"""The canonical form of the record and its seal."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

GENESIS = "0" * 64


class Recorded(Protocol):
    """What a seal covers of an event."""

    id: int
    at: datetime
    kind: str
    actor: str
    case_id: int | None
    operator_id: int | None
    brand_id: int | None
    data: Any


def digest(previous: str, events: Iterable[Recorded]) -> str:
    """SHA-256 over the previous seal and the canonical JSON of each event."""
    chain = hashlib.sha256(previous.encode())
    for e in events:
        fields = [e.id, e.at.isoformat(), e.kind, e.actor, e.case_id, e.operator_id, e.brand_id, e.data]
        chain.update(json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
    return chain.hexdigest()
