"""What the customer wrote, apart from what their mail program wrote around it."""

from __future__ import annotations

import re

from quotequail import quote

MAX_LINES = 2_000  # lines searched for a quote; further down nobody writes
MAX_LINE = 300  # characters of a line that are looked at

_HEADING = re.compile(
    r"^[>*_ ]*(from|de|von|sent|enviado(?: el)?|enviada(?: em)?|date|fecha|data|to|para|cc|subject|asunto|assunto)"
    r"\*? ?:",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^[- ]*(forwarded message|begin forwarded message|mensaje reenviado|inicio del mensaje reenviado"
    r"|mensagem encaminhada)[: -]*$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"^[-_ ]{2,}(original message|mensaje original|mensagem original|original-nachricht)[-_ ]{2,}$|^_{20,}$",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"^(on|el|em|le|am) .{6,250}(wrote|escribió|escribio|escreveu|a écrit|schrieb[^:]{0,80}) ?:$", re.IGNORECASE
)
_SENT_FROM = re.compile(
    r"^(sent from|enviado desde|enviado do|enviado de|enviado com|obtener outlook|get outlook|obter o outlook)"
    r"\b.{0,80}$",
    re.IGNORECASE,
)


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Undo format=flowed (RFC 3676): lines that end with a space continue on the next one of the same quote depth."""
    lines: list[str] = []
    open_depth = None
    for raw in text.split("\n"):
        content = raw.lstrip(">")
        depth = len(raw) - len(content)
        content = content.removeprefix(" ")
        mark = ">" * depth + " " if depth else ""
        flowed = content.endswith(" ") and content != "-- "
        if flowed and delete_space:
            content = content[:-1]
        if open_depth == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append(mark + content)
        open_depth = depth if flowed else None
    return "\n".join(lines)


def split(text: str) -> tuple[str, str]:
    """(what was written, what was quoted or signed below it). All of it is in the first when nothing else is there.

    Answers below or between the quoted lines count as written; the quote then keeps them too, in their context.
    A forwarded mail is what the customer wants to show, so it stays.
    """
    lines = text.strip("\n").split("\n")
    start = _quote_start(lines)
    if start is None:
        own, signature = _unsigned(lines)
        return ("\n".join(own).strip(), "\n".join(signature).strip()) if _said(own) else (text.strip(), "")
    above, below = lines[:start], lines[start:]
    own, signature = _unsigned(above)
    between = _unsigned(_answers(below))[0]
    written = "\n".join([*own, "", *between] if _said(between) else own).strip()
    if not written:
        return text.strip(), ""
    return written, "\n".join([*signature, *below]).strip()


def _quote_start(lines: list[str]) -> int | None:
    """The line where the quote begins, or None."""
    shown = [line[:MAX_LINE] for line in lines[:MAX_LINES]]
    if any(_FORWARDED.match(line) for line in shown):
        return None
    pieces = quote("\n".join(shown), limit=len(shown) + 1, quote_intro_line=True)
    library = pieces[0][1].count("\n") + (1 if pieces[0][1] else 0) if len(pieces) > 1 else None
    found = [start for start in (library, _own_start(shown)) if start is not None]
    return min(found, default=None)


def _own_start(lines: list[str]) -> int | None:
    """What the library does not know: Outlook's block of headings in our languages, and bare > lines."""
    for n, line in enumerate(lines):
        joined = f"{line} {lines[n + 1]}".strip() if n + 1 < len(lines) else line
        if _DIVIDER.match(line) or _SAID.match(line) or (_SAID.match(joined) and line.strip()):
            return n
        if _HEADING.match(line) and len([x for x in lines[n : n + 6] if _HEADING.match(x)]) >= 3:
            return n
        if line.startswith(">"):
            return n
    return None


def _answers(below: list[str]) -> list[str]:
    """Lines written under or between > lines. None when the quote is not marked by them."""
    marked = [n for n, line in enumerate(below) if line.startswith(">")]
    if not marked:
        return []
    written = [line for line in below[marked[0] :] if not line.startswith(">")]
    # "On … wrote:" between two depths of quotes is nobody's answer.
    return [line for line in written if not _SAID.match(line[:MAX_LINE])]


def _unsigned(lines: list[str]) -> tuple[list[str], list[str]]:
    """(body, signature): below "-- ", or the telephone's advertisement at the end."""
    for n, line in enumerate(lines):
        if line.rstrip("\r") in ("-- ", "--") and n > 0:
            return lines[:n], lines[n:]
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    if last > 1 and _SENT_FROM.match(lines[last - 1].strip()[:MAX_LINE]):
        return lines[: last - 1], lines[last - 1 :]
    return lines, []


def _said(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)
