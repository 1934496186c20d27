"""Files of posts: https://docs.joinmastodon.org/methods/media/"""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import Asked, Refused, Said, route, text
from netcenter.street.networks.mastodon.ground import Ground, shown

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
FILMS = ("video/mp4", "video/webm", "audio/mpeg", "audio/ogg")


class Files(Ground):
    """What the brand uploads, and where what people posted is fetched."""

    @route(
        "POST",
        "/api/v2/media",
        rights=("write:media",),
        bucket="media",
        form={"description?": text(1500)},
        files={"file": (*IMAGES, *FILMS)},
    )
    def upload(self, asked: Asked) -> Any:
        file = asked.files["file"]
        if len(file.content) > (16 if file.mime in IMAGES else 99) * 2**20:
            raise Refused("bad", "File size must be less than 16 MB")
        name, kind = str(next(self._numbers)), file.mime.partition("/")[0]
        self.media[name] = {
            "id": name, "type": kind, "url": f"{self.url}/media/{name}", "preview_url": None, "remote_url": None,
            "meta": {}, "description": asked.fields.get("description"), "blurhash": None,
            "_content": file.content.decode("latin-1"), "_mime": file.mime, "_looks": 0,
        }  # fmt: skip
        is_ready = kind == "image"
        return Said(200 if is_ready else 202, shown(self.media[name]) | ({} if is_ready else {"url": None}))

    @route("GET", "/api/v1/media/{media}", rights=("write:media",), bucket="calls")
    def look(self, asked: Asked) -> Any:
        """A film is ready at the second look."""
        if (file := self.media.get(asked.path["media"])) is None:
            raise Refused("route")
        file["_looks"] += 1
        return Said(200 if file["_looks"] > 1 else 206, shown(file))

    @route("GET", "/media/{media}", open=True)
    def file(self, asked: Asked) -> Any:
        if (file := self.media.get(asked.path["media"])) is None:
            raise Refused("route")
        return Said(200, file["_content"].encode("latin-1"), mime=file["_mime"])
