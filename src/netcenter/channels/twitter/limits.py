"""How often an account may call, by plan: X counts each endpoint for itself, in 15 minutes and some in 24 hours.

https://docs.x.com/x-api/fundamentals/rate-limits
"""

from __future__ import annotations

from netcenter.channels.contract import Bucket

QUARTER, DAY = 900.0, 86_400.0

# endpoint -> the most in 15 minutes, for each plan; 0: by the day only
_QUARTERS = {
    "pro": {
        "posts": 900, "timeline": 900, "mentions": 300, "search": 300, "users": 900, "me": 75, "dm_events": 15,
        "post": 100, "remove": 50, "hide": 50, "like": 50, "unlike": 50, "dm": 15, "dm_remove": 15, "dm_block": 50,
        "upload": 500, "upload_status": 1000,
    },
    "basic": {
        "posts": 15, "timeline": 5, "mentions": 10, "search": 60, "users": 100, "me": 75, "dm_events": 1,
        "post": 100, "remove": 5, "hide": 5, "like": 5, "unlike": 5, "dm": 1, "dm_remove": 1, "dm_block": 1,
        "upload": 500, "upload_status": 1000,
    },
    "free": {
        "posts": 1, "timeline": 1, "mentions": 1, "search": 1, "users": 1, "me": 25, "dm_events": 1,
        "post": 17, "remove": 17, "hide": 1, "like": 1, "unlike": 1, "dm": 1, "dm_remove": 1, "dm_block": 1,
        "upload": 17, "upload_status": 34,
    },
}  # fmt: skip
_DAYS = {
    "pro": {"post": 10_000, "like": 1000, "dm": 1440},
    "basic": {"post": 100, "like": 200, "dm": 50},
    "free": {"post": 17, "remove": 17, "dm": 1, "me": 25},
}
PLANS = tuple(_QUARTERS)
BUCKETS = (
    *(Bucket(f"{plan}:{name}", most, QUARTER) for plan, each in _QUARTERS.items() for name, most in each.items()),
    *(Bucket(f"{plan}:{name}:day", most, DAY) for plan, each in _DAYS.items() for name, most in each.items()),
)


def names(plan: str, endpoint: str) -> tuple[str, ...]:
    """The buckets that a call is paid from."""
    plan = plan if plan in PLANS else PLANS[0]
    return (f"{plan}:{endpoint}", *((f"{plan}:{endpoint}:day",) if endpoint in _DAYS[plan] else ()))
