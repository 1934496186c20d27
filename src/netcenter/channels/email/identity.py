"""Names of mails and people: Message-IDs, addresses, subjects. Ours are recognised by their shape."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from email.message import Message
from email.utils import getaddresses

from netcenter.channels.email.charsets import header, raw_header

LOOP_HEADER = "X-Netcenter-Loop"
MAX_REFERENCES = 50
MAX_NAME = 200

_ID = re.compile(r"<([^<>\s]{1,300})>")
_ADDRESS = re.compile(r"[^\s<>\"(),:;@\[\]]{1,64}@[^\s<>\"(),:;@]{1,255}")
_PREFIX = re.compile(
    r"^\s*((re|rv|res|fwd?|fw|enc|aw|wg|tr|rif|sv|vs|antw)\s*(\[\d+\]|\(\d+\))?\s*:|\[(?:ext|external|externo)\])\s*",
    re.IGNORECASE,
)
_OURS = re.compile(r"^<nc-([^@<>\s]+)@([^@<>\s]+)>$")


# --- Message-IDs --------------------------------------------------------------------------------


def our_message_id(key: str, address: str) -> str:
    """The Message-ID of what we send under this key: the same at every attempt, so that it can be looked for."""
    safe = key if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", key) else hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<nc-{safe}@{domain_of(address)}>"


def is_ours(message_id: str, address: str) -> bool:
    found = _OURS.match(message_id)
    return bool(found and found.group(2).lower() == domain_of(address))


def ids(value: object) -> tuple[str, ...]:
    """Every <id> in a header, in its order, once."""
    found = _ID.findall(raw_header(value))
    return tuple(dict.fromkeys(f"<{each}>" for each in found))


def external_id(message_id: str, fingerprint: str) -> str:
    """A mail's id in the house: its Message-ID and the words' hash, since some senders give all mails one id."""
    return f"{message_id}#{fingerprint[:12]}"


def message_ids(external_ids: Iterable[str]) -> tuple[str, ...]:
    """Message-IDs of these ids of the house; ids of mails that had none are left out, nobody knows them."""
    bare = (each.partition("#")[0] for each in external_ids)
    return tuple(dict.fromkeys(each for each in bare if _ID.fullmatch(each)))


def reference_ids(mail: Message) -> tuple[tuple[str, ...], str]:
    """(what this mail answers, nearest first; the first mail of its thread, "" when it answers none)."""
    chain = ids(" ".join(str(each) for each in mail.get_all("References", [])[:1]))
    parents = ids(mail.get("In-Reply-To"))
    nearest = tuple(dict.fromkeys([*parents, *reversed(chain)]))[:MAX_REFERENCES]
    root = chain[0] if chain else (parents[0] if parents else "")
    return nearest, root


# --- Addresses ----------------------------------------------------------------------------------


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().lower() or "localhost"


def people(mail: Message, name: str) -> list[tuple[str, str]]:
    """[(name, address)] of a header, addresses in lower case, only those that can be written to."""
    found = []
    for value in mail.get_all(name, [])[:5]:
        raw = raw_header(value)
        try:
            pairs = getaddresses([raw])
        except (RecursionError, ValueError, IndexError):
            pairs = []
        known = [(header(name), address) for name, address in pairs if _ADDRESS.fullmatch(address)]
        # A name with a stray comma or quote breaks the list; the address is still there to be seen.
        known = known or [(header(raw.partition("<")[0]).strip(' "'), each) for each in _ADDRESS.findall(raw)[:20]]
        found += [(name[:MAX_NAME], address.lower()) for name, address in known]
    return found


# --- Subjects -----------------------------------------------------------------------------------


def base_subject(subject: str) -> tuple[str, bool]:
    """(subject without Re:, RV:, Enc:…; whether it had one)."""
    base = subject
    while match := _PREFIX.match(base):
        base = base[match.end() :]
    return base.strip(), base.strip() != subject.strip()
