"""A standard as the rule that chooses one sees it."""

from dataclasses import dataclass


@dataclass
class Rule:
    name: str
    brand_id: int | None = None
    channel: str = ""
    kind: str = ""
    measure: str = "first"
