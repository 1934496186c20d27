"""The files of the pages, looked for once: every test's client and house would search all rooms for them anew."""

from whitenoise.middleware import WhiteNoiseMiddleware

_search = WhiteNoiseMiddleware.add_files_from_finders
_found: dict[str, object] = {}


def remember(whitenoise: WhiteNoiseMiddleware) -> None:
    """Give it the files that the first of this process has found."""
    if not _found:
        _search(whitenoise)
        _found.update(whitenoise.files)
    whitenoise.files.update(_found)
