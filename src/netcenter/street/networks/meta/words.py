"""Public words of Facebook and Instagram."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Word:
    """A post or a comment."""

    id: str
    page: str
    author: str
    text: str
    at: float
    kind: str = "comment"  # or post, rating, tagged
    post: str = ""  # of a comment
    parent: str = ""
    dark: bool = False  # an advertisement
    picture: str = ""
    hidden: bool = False
    deleted: bool = False
    recommends: str = ""
    likes: set[str] = field(default_factory=set)
