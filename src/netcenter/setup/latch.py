"""Who may found an empty house: whoever sits at its machine, or has the code that its console printed."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from netcenter.accounts.queries import organisation

OPENED = "may_found"  # in the session of whoever showed the code
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA")


def code() -> str:
    """The code of this installation. It opens nothing once the house is founded, so it is used once."""
    return salted_hmac("netcenter.setup.latch", "found", algorithm="sha256").hexdigest()[:24]


def is_open(request: HttpRequest) -> bool:
    """Whether this request may found the house; a code that it shows is remembered in its session."""
    if constant_time_compare(request.GET.get("code", "").strip(), code()):
        request.session[OPENED] = True
    return bool(request.session.get(OPENED)) or _from_here(request)


def _from_here(request: HttpRequest) -> bool:
    """Really from this machine: a proxy on it would stand for the whole world."""
    if any(name in request.META for name in FORWARDED):
        return False
    return _loopback(request.META.get("REMOTE_ADDR", "")) and _loopback(urlsplit(settings.PUBLIC_URL).hostname or "")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def link(host: str, port: int) -> str | None:
    """Where somebody elsewhere founds the house that listens there; None when it is founded or nobody else comes."""
    names = [name.strip("[]") for name in settings.ALLOWED_HOSTS]
    elsewhere = next((name for name in names if name[:1] not in ".*" and not _loopback(name)), "")
    if (_loopback(host) and not elsewhere) or organisation() is not None:
        return None
    if not _loopback(urlsplit(settings.PUBLIC_URL).hostname or ""):
        base = settings.PUBLIC_URL
    else:
        name = host if host in names else elsewhere or "127.0.0.1"
        base = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    return f"{base}{reverse('setup:welcome')}?code={code()}"
