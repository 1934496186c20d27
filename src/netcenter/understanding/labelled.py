"""Labelled messages as a spreadsheet saves them."""

import csv
import io

COLUMNS = {
    "texto": "text", "mensaje": "text", "mensagem": "text", "tema": "topic", "tópico": "topic", "assunto": "topic",
}  # fmt: skip


def labelled(content: bytes) -> list[tuple[str, str]]:
    """Text and topic of each row of a CSV that has both, whatever signs and columns the spreadsheet's language gave it.

    Where a comma begins the decimals, spreadsheets put semicolons between columns, and save as Windows-1252.
    """
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = content.decode("cp1252", "replace")
    header = words.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(words, newline=""), delimiter=max(",;\t", key=header.count))
    heads = [name.strip().lower() for name in rows.fieldnames or ()]
    rows.fieldnames = [COLUMNS.get(head, head) for head in heads]
    pairs = (((row.get("text") or "").strip(), (row.get("topic") or "").strip()) for row in rows)
    return [(text, topic) for text, topic in pairs if text and topic]
