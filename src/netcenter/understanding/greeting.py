"""Who has only greeted has said nothing yet. Pure.

The engine takes "Olá, tudo bem?" for praise: what asks after somebody is kindly meant. Read so it would wait a day,
would never be told how long, and be asked by no menu; whoever wrote it is about to ask something.
"""

import re

from netcenter.lib.text import fold

LONGEST = 60  # characters; more is more than a greeting
_WORDS = re.compile(r"[^\W\d_]+")
_HELLO = (
    r"hola+|(?:muy )?buenas?(?: tardes?| noches?)?|(?:muy )?buen(?:os)? dias?|saludos",
    r"ola+|oi+e?|alo|bom dia|boa (?:tarde|noite)",
    r"hi+|hello+|hey+|good (?:morning|afternoon|evening|day)",
)
_HOW = (
    r"que tal(?: (?:va|todo|estan?|estas))?|como (?:estan?|estas|va|andan|les? va)|todo bien",
    r"tudo (?:bem|bom|certo)|como (?:vai|vao|voces? esta[os]?|estao)|e ai",
    r"how are (?:you|things)|how s it going|how do you do",
)
_WHOM = r"a todos|gente|amigos|equipo|pessoal|(?:com )?(?:voces?|vcs?)|there|everyone|team|all|guys|today|doing"
_BEGINS = re.compile(rf"(?:{'|'.join(_HELLO)})\b")
_WHOLE = re.compile(rf"(?:(?:{'|'.join([*_HELLO, *_HOW, _WHOM])})(?: |$))+")


def only_greets(text: str) -> bool:
    """Whether it is a greeting and nothing else; "tudo bem" without a question may be an answer, and is none."""
    if len(text) > LONGEST or any(c.isdigit() for c in text):
        return False
    words = " ".join(_WORDS.findall(fold(text)))
    return bool(_WHOLE.fullmatch(words)) and ("?" in text or bool(_BEGINS.match(words)))
