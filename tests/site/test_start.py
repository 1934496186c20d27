"""How the house starts: without what it may never need."""

import subprocess
import sys

SEEN = """
import sys, django
django.setup()
from netcenter.site.server import Front, house_loops
house_loops(), Front()
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_it_starts_without_what_only_some_acts_need():
    ran = subprocess.run([sys.executable, "-c", SEEN], check=True, capture_output=True, text=True, timeout=60)
    loaded = set(ran.stdout.split())
    assert {"netcenter", "django"} <= loaded
    assert not loaded & {"pywebpush", "aiohttp", "requests", "holidays", "httpx2", "httpcore2"}
