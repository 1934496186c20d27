"""When a wire is unusually silent, and when credentials are renewed: pure."""

from datetime import datetime, timedelta

SHORTEST_SILENCE, LONGEST_SILENCE = timedelta(hours=6), timedelta(days=7)
USUAL_TIMES = 20  # so many times the usual pause between two messages is unusual
REFRESH_BEFORE = timedelta(days=3)
AT_LEAST_BEFORE = timedelta(minutes=10)


def silence_allowed(messages_of_a_week: int) -> timedelta | None:
    """How long an account that hears so much may hear nothing; None: it hears too little to say."""
    if messages_of_a_week < 5:
        return None
    usual = timedelta(weeks=1) / messages_of_a_week
    return min(max(usual * USUAL_TIMES, SHORTEST_SILENCE), LONGEST_SILENCE)


def refresh_at(expires_at: datetime, got_at: datetime) -> datetime:
    """When credentials are renewed that were got then: a fifth of their life, at most three days, before they end."""
    margin = min(REFRESH_BEFORE, max((expires_at - got_at) / 5, AT_LEAST_BEFORE))
    return expires_at - margin
