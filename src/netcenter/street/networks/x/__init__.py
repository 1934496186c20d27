"""X on the street, strict, from the public documentation: https://docs.x.com

ground   who calls, how calls and pushes are signed, and every way in which X says no
people   what customers do, and how it looks
posts    posts and direct messages
files    what is uploaded, and fetched
keys     signing in and hooks
"""

from __future__ import annotations

from netcenter.street.networks.x.files import Files
from netcenter.street.networks.x.keys import Keys
from netcenter.street.networks.x.posts import Posts


class X(Posts, Files, Keys):
    """One app and the account that it serves; customers write by `posts` and `writes`, and `truth` remembers it."""
