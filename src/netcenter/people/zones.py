"""The time zone a person lives in."""

import zoneinfo

from netcenter.people.models import Person


def zone_of(person: Person) -> zoneinfo.ZoneInfo:
    """UTC when what is on record is none."""
    try:
        return zoneinfo.ZoneInfo(person.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
