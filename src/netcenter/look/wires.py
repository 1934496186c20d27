"""What a wire says when it fails, in the reader's language: nobody has to know what "[Errno 111]" is."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_FAILURES = tuple(
    (re.compile(said, re.IGNORECASE), words)
    for said, words in (
        (r"errno (111|61|10061)\b|connection refused", gettext_noop("nothing answers at this address and port")),
        (r"errno (-2|-3|-5|8|11001)\b|no address is known for|name or service not known|name resolution|getaddrinfo",
         gettext_noop("no such address is known")),
        (r"errno (110|60|10060)\b|timed out$|timeout$|did not answer within",
         gettext_noop("it did not answer in time")),
        (r"errno (101|113|65|10051|10065)\b|(network|host) is unreachable|no route to host",
         gettext_noop("the network does not lead there")),
        (r"errno (104|54|32|10054)\b|connection reset|broken pipe|server disconnected|incompleteread|eof occurred",
         gettext_noop("it broke the connection off")),
        (r"certificate_verify_failed|certificate verify failed|hostname mismatch",
         gettext_noop("its certificate is not valid for this address")),
        (r"\[ssl|wrong version number", gettext_noop("no secure connection can be made with it")),
        (r"^http 40[13]\W*$", gettext_noop("it does not accept the user or the password")),
        (r"^http 404\W*$", gettext_noop("it knows nothing under this address")),
        (r"^http 5\d\d\W*$", gettext_noop("it has a fault itself")),
    )
)  # fmt: skip
_HOST = re.compile(r"^([\w.-]+\.[\w-]+|localhost)(?=: | did not)|known for ([\w.-]+)$")
_CODE = re.compile(r"^HTTP \d{3}", re.IGNORECASE)


def told(text: str) -> str:
    """What a wire said, in the reader's language where it is a msgid of ours or a failure that everybody knows.

    Anything else stays as the network said it. Not by `_()`: it may hold markup.
    """
    if not text:
        return ""
    own = _(text)
    words = next((words for failure, words in _FAILURES if failure.search(text)), "")
    if own != text or not words:
        return own
    here = _(words)
    about = _HOST.search(text) or _CODE.search(text)
    return f"{about.group(about.lastindex or 0)}: {here}" if about else here[:1].upper() + here[1:]
