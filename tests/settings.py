"""The settings of tests: those of an installation in a folder of its own, so that runs beside each other never meet."""

import atexit
import os
import shutil
import tempfile

if "NETCENTER_DATA" not in os.environ:
    os.environ["NETCENTER_DATA"] = tempfile.mkdtemp(prefix="netcenter-tests-")
    atexit.register(shutil.rmtree, os.environ["NETCENTER_DATA"], ignore_errors=True)

if os.environ.get("PYTEST_XDIST_WORKER") == "gw1" and "NETCENTER_DATABASE_GW1" in os.environ:
    os.environ["NETCENTER_DATABASE"] = os.environ["NETCENTER_DATABASE_GW1"]

from netcenter.site.settings import *  # noqa: F403
from netcenter.site.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose

if "init_command" in DATABASES["default"]["OPTIONS"]:  # no test pulls the plug: who kills, kills a house of its own
    DATABASES["default"]["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"
