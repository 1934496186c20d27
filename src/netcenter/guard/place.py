"""Where it is said: what does not belong before everybody, and what should not be moved away from there."""

from __future__ import annotations

from collections.abc import Iterator

from netcenter.guard.draft import Finding
from netcenter.guard.owning import APOLOGY, EMPATHY, EXPLANATION
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases
from netcenter.guard.whys import _

MOST_PUBLIC_TURNS = 3
_PLACE_ES = (
    r"(?<!\w)(?:dm|md|mp|dms|privad[oa]|privadamente|inbox|interno|mensajes? (?:directo|privado|interno)s?)(?!\w)"
)
_PLACE_EN = r"(?<!\w)(?:dms?|direct messages?|private messages?|in private|privately|inbox|pm)(?!\w)"
_PLACE_PT = r"(?<!\w)(?:dm|dms|direct|directs|privad[oa]|inbox|pv|mensage(?:m|ns) (?:direta|privada)s?)(?!\w)"
PRIVATE_PLACE = Phrases(None, False, es=_PLACE_ES, en=_PLACE_EN, pt=_PLACE_PT)
_ASK_ES = (
    r"(?:escrib(?:e|i|a|an|ir)?(?:nos|me)|envi(?:a|e|ar|anos|enos|ame)?(?:nos|me|s)?|mand(?:a|e|ar)?(?:nos|me)|"
    r"contact(?:a|e|ar)(?:nos|me)|dej(?:a|e)(?:nos|me)|pas(?:a|e)(?:nos|me)|habl(?:a|e)(?:nos|me)|cuent(?:a|"
    r"e)(?:nos|me)|cont(?:a|e)(?:nos|me)|dinos|decinos|decime|dime|diganos|comunic\w+|nos (?:puedes|podes|puede|"
    r"podrias|podria) \w+|puedes (?:escribir|enviar|mandar)\w*|podes (?:escribir|enviar|mandar)\w*|envianos|"
    r"envienos|mandame|acercate)"
)
_ASK_EN = (
    r"(?:(?:send|shoot|drop|write|message|contact|pop|slide|give|reach|get)(?: (?:us|me|out|in touch|it|"
    r"them))?(?: to)?(?: us)?|(?:could|can|would) you(?: please)? (?:send|dm|message|write)|please (?:dm|message|"
    r"pm)|tell us|let us know)"
)
_ASK_PT = (
    r"(?:mand[ae](?:-nos|-me)?|envi[ae](?:-nos|-me)?|chame?|chama|escrev[ae](?:-nos|-me)?|fal[ae] (?:conosco|"
    r"connosco|com a gente)|fale|contat[ae]|contact[ae]|pod(?:e|em|es|eria) (?:nos )?(?:mandar|enviar|escrever|"
    r"chamar)|diga-nos|nos (?:mande|envie|escreva|chame)|passe|passa|entre em contato|me manda)"
)
_ASKS_PRIVATE = Phrases(
    None, False,
    es=rf"(?<!\w){_ASK_ES}(?!\w)[^.!?]{{0,45}}{_PLACE_ES}|{_PLACE_ES}[^.!?]{{0,15}}(?<!\w){_ASK_ES}(?!\w)",
    en=rf"(?<!\w){_ASK_EN}(?!\w)[^.!?]{{0,40}}{_PLACE_EN}|(?<!\w)(?:dm|pm|message) (?:us|me)(?!\w)",
    pt=rf"(?<!\w){_ASK_PT}(?!\w)[^.!?]{{0,45}}{_PLACE_PT}",
)  # fmt: skip
_GIFT = Phrases(
    {"es": r"no (?:podemos |puedo )?", "en": r"(?:can't|cannot|unable to|not) (?:\w+ )?", "pt": r"nao (?:podemos )?"},
    es=r"""
        (?:te|le|les|os) (?:vamos a )?(?:regal|bonific|obsequi|compens|indemniz)\w+|(?:te|le|les|
        os) (?:\w+ )?(?:damos|daremos|ofrecemos|ofreceremos|enviamos|mandamos|hacemos|acreditamos|dejamos|cargamos|
        abonamos|otorgamos|va) [^.!?]{0,35}(?:cupon\w*|descuento|vale|voucher|bono|regalo|gift ?card|cortesia|
        credito de|noche gratis|mes gratis|\d+ ?%)|(?:un|tu|con un) (?:cupon|vale|voucher) de|como compensacion|
        a modo de compensacion""",
    en=r"""
        (?:we'll|we will|we're|we are|i'll|i will|let us|happy to|like to) (?:be )?(?:gift|giv|offer|compensat|send|
        credit|add)\w*[^.!?]{0,40}(?:gift ?cards?|vouchers?|coupons?|discount|credits?|free (?:\w+ )?(?:meal|night|
        month|dessert|breakfast|drink)|dollars|pounds|\d+ ?%|[$£€] ?\d+)|compensat(?:e|ing) you|as compensation|
        (?:gift ?card|voucher|coupon) for|on the house(?= as| to make)|goodwill (?:credit|gesture)""",
    pt=r"""
        (?:te |lhe |voce |vamos )(?:\w+ )?(?:dar|damos|daremos|oferec\w+|envi\w+|mand\w+|bonific\w+|present\w+|
        compens\w+)[^.!?]{0,35}(?:cupo(?:m|ns)|desconto|vale|voucher|brinde|credito|gift ?card|presente|diaria gratis|
        mes gratis|\d+ ?%|\d+ reais)|compens\w+ (?:voce|o senhor|a senhora|te|lhe)|(?:um|com um) (?:cupom|vale|
        voucher) de|como compensacao|bonificacao de""",
)  # fmt: skip


def _asks_for_private(scene: Scene) -> tuple[int, int] | None:
    if not scene.draft.public:
        return None
    match = scene.first(_ASKS_PRIVATE)
    return match.span() if match else None


def _wrote_privately(scene: Scene) -> bool:
    return scene.draft.wrote_privately or scene.mood.wrote_privately


def _dm_only(scene: Scene) -> Iterator[Finding]:
    span = _asks_for_private(scene)
    if span is None or _wrote_privately(scene):
        return
    others = [(s, e) for s, e in scene.sentences if not s <= span[0] < e]
    told = any(len(scene.text[s:e].split()) > 4 for s, e in others)
    if not told and not (scene.said(APOLOGY) or scene.said(EMPATHY) or scene.said(EXPLANATION)):
        yield scene.insertion("dm_only", "warn", _(
            "It only sends them elsewhere. Say here "
            "what you saw or what you will do."),
                              say("empathy", scene) if scene.mood.grievance else None)  # fmt: skip


def _dm_again(scene: Scene) -> Iterator[Finding]:
    span = _asks_for_private(scene)
    if span is not None and _wrote_privately(scene):
        yield scene.on_sentence("dm_again", "block", span[0],
                                _(
                                    "They have written privately already: find that message instead of asking for "
                                    "another."),
                                say("have_message", scene))  # fmt: skip


def _many_turns(scene: Scene) -> Iterator[Finding]:
    turns = scene.draft.public_turns
    if turns is None:
        turns = len(scene.draft.messages) - 1
    if scene.draft.public and turns >= MOST_PUBLIC_TURNS and scene.mood.grievance and not scene.said(PRIVATE_PLACE):
        yield scene.addition("many_turns", "warn", _(
            "Each public turn shows the complaint again: "
            "go on privately, and tell the outcome here."),
                             say("go_private", scene))  # fmt: skip


def _public_compensation(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_GIFT)
    if match is not None and scene.draft.public and scene.mood.grievance:
        yield scene.on_sentence("public_compensation", "warn", match.start(),
                                _("A gift before everybody invites the next complaint: offer it privately."),
                                say("offer_privately", scene))  # fmt: skip


RULES = (
    Rule("dm_only", "warn", "Einwiller–Steilen; Herhausen", _dm_only),
    Rule("dm_again", "block", "seeds", _dm_again),
    Rule("many_turns", "warn", "Golmohammadi", _many_turns),
    Rule("public_compensation", "warn", "Herhausen", _public_compensation),
)
