"""The one place that reads the clock. Rules get `now` as an argument; only edges call this (law 10)."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
