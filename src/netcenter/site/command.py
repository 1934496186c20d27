"""The `netcenter` command: our own words, and Django's."""

import os
import sys

OWN = {"serve", "demo", "web", "loops", "doctor", "messages", "simulate", "guard", "read", "topics"}


def main() -> None:
    """Our words go to typer, which takes a while to import; every other word is a management command of Django's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netcenter.site.settings")
    word = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if word == "demo":
        os.environ["NETCENTER_DEMO"] = "1"  # before the settings are read
    if word in OWN or word in ("-h", "--help"):
        from netcenter.site.commands import app

        app(args=sys.argv[1:] or ["--help"], prog_name="netcenter")
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
