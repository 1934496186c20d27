"""How often an account may call, by plan: X counts each endpoint for itself, in 15 minutes and some in 24 hours.

https://docs.x.com/x-api/fundamentals/rate-limits
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

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
_LABELS = {
    "posts": _("Posts looked up"),
    "timeline": _("Our own posts"),
    "mentions": _("Mentions looked for"),
    "search": _("Searches"),
    "users": _("People looked up"),
    "me": _("Our own account"),
    "dm_events": _("Private messages read"),
    "post": _("Posts sent"),
    "remove": _("Posts deleted"),
    "hide": _("Replies hidden"),
    "like": _("Likes given"),
    "unlike": _("Likes taken back"),
    "dm": _("Private messages sent"),
    "dm_remove": _("Private messages deleted"),
    "dm_block": _("People blocked"),
    "upload": _("Files sent"),
    "upload_status": _("Files looked after"),
}
PLANS = tuple(_QUARTERS)
OF_PLANS = {
    plan: (
        *(Bucket(f"{plan}:{name}", most, QUARTER, label=_LABELS[name]) for name, most in _QUARTERS[plan].items()),
        *(Bucket(f"{plan}:{name}:day", most, DAY, label=_LABELS[name]) for name, most in _DAYS[plan].items()),
    )
    for plan in PLANS
}
BUCKETS = tuple(bucket for each in OF_PLANS.values() for bucket in each)


def allowed(plan: str) -> tuple[Bucket, ...]:
    """The buckets of one plan."""
    return OF_PLANS.get(plan, OF_PLANS[PLANS[0]])


def names(plan: str, endpoint: str) -> tuple[str, ...]:
    """The buckets that a call is paid from."""
    plan = plan if plan in PLANS else PLANS[0]
    return (f"{plan}:{endpoint}", *((f"{plan}:{endpoint}:day",) if endpoint in _DAYS[plan] else ()))
