"""Our key on its way through the network and back, where one answer becomes several messages there."""


def mark(key: str, n: int, parts: int) -> str:
    """What the nth of so many parts carries along: our key alone says that all of it left."""
    return key if n == parts else f"{key}#{n}"


def marked(told: str) -> tuple[str, int]:
    """The key, and which part it was (0: the last), of what came back."""
    key, sign, n = told.rpartition("#")
    return (key, int(n)) if sign and n.isascii() and n.isdigit() and len(n) < 4 else (told, 0)
