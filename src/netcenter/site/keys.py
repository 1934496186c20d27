"""The installation's own keys, made at the first start and kept in the data folder, readable by its owner alone."""

import contextlib
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Keys:
    secret_key: str
    box_keys: list[bytes]
    vapid_key: str  # signs Web Push: 32 bytes in base64url


def installation_keys(data: Path) -> Keys:
    """From NETCENTER_SECRET_KEY and NETCENTER_BOX_KEYS (comma separated, newest first), else from files in `data`."""
    secret = os.environ.get("NETCENTER_SECRET_KEY") or _kept(data / "secret.key", secrets.token_urlsafe(50))
    boxes = os.environ.get("NETCENTER_BOX_KEYS") or _kept(data / "box.key", Fernet.generate_key().decode())
    vapid = os.environ.get("NETCENTER_VAPID_KEY") or _kept(data / "vapid.key", _fresh_vapid())
    return Keys(secret, [key.strip().encode() for key in boxes.replace("\n", ",").split(",") if key.strip()], vapid)


def _fresh_vapid() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def _kept(path: Path, fresh: str) -> str:
    """What the file holds; it is made with `fresh` when it does not exist. Two processes starting at once agree."""
    if not path.exists():
        descriptor, written = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
        with os.fdopen(descriptor, "w") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(written, path)  # whole or not at all, and never over another's
        os.unlink(written)
    return path.read_text().strip()
