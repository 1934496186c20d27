"""What people write to a bakery about."""

import random
from dataclasses import dataclass

CHAT, MAIL, APP = "chat", "mail", "app"


@dataclass(frozen=True, slots=True)
class Matter:
    """One reason to write. The words are in words/<language>.toml under the same name."""

    name: str
    kind: str  # what a careful reader would call it
    share: float = 1.0  # how often, beside the others
    heat: float = 0.2  # how angry they are when they begin, 0 to 1
    photos: int = 0  # how many they may send
    ways: tuple[str, ...] = (CHAT, MAIL, APP)
    cafe: bool = False  # of the cafés rather than the bakeries

    @property
    def is_spam(self) -> bool:
        return self.kind == "spam"


MATTERS = (
    Matter("late_order", "claim", 3, 0.5, ways=(CHAT, APP)),
    Matter("wrong_cake", "claim", 2, 0.6, photos=4, ways=(CHAT, MAIL)),
    Matter("allergy_nuts", "question", 1.5, 0.3),
    Matter("hours", "question", 3, 0.0, ways=(CHAT, APP)),
    Matter("mouldy_bread", "complaint", 2, 0.8, photos=3),
    Matter("praise_baker", "praise", 2, 0.0),
    Matter("job", "question", 1, 0.0, ways=(MAIL, CHAT)),
    Matter("invoice", "question", 2, 0.1, ways=(MAIL, APP)),
    Matter("double_charge", "claim", 2, 0.6, photos=1),
    Matter("gluten_free", "question", 2, 0.0),
    Matter("wholesale", "question", 1, 0.0, ways=(MAIL,)),
    Matter("birthday_order", "question", 3, 0.0),
    Matter("lost_property", "question", 1, 0.1, cafe=True),
    Matter("spam_seo", "spam", 0.7, 0.0, ways=(MAIL,)),
    Matter("spam_crypto", "spam", 0.5, 0.0, ways=(MAIL, CHAT)),
    Matter("rude_clerk", "complaint", 1.5, 0.8),
    Matter("missing_item", "claim", 2, 0.5, photos=1, ways=(CHAT, APP)),
    Matter("cold_coffee", "complaint", 1.5, 0.6, cafe=True),
    Matter("stale_pastry", "complaint", 1.5, 0.6),
    Matter("hair_in_food", "complaint", 1, 0.8, photos=2),
    Matter("change_address", "question", 1.5, 0.3, ways=(CHAT, APP)),
    Matter("cancel_order", "question", 1.5, 0.1),
    Matter("vegan", "question", 1.5, 0.0),
    Matter("app_broken", "claim", 1, 0.5, photos=1, ways=(CHAT, MAIL, APP)),
    Matter("coupon", "claim", 1.5, 0.4),
    Matter("points", "question", 1, 0.2, ways=(CHAT, APP)),
    Matter("access", "question", 1, 0.0),
    Matter("wedding", "question", 1, 0.0, ways=(MAIL,)),
    Matter("office_breakfast", "question", 1, 0.0, ways=(MAIL, APP), cafe=True),
    Matter("sugar_free", "question", 1, 0.0),
    Matter("ingredients", "question", 1, 0.1),
    Matter("starter", "question", 1, 0.0, ways=(CHAT, MAIL)),
    Matter("suggest_bread", "suggestion", 1, 0.1),
    Matter("suggest_queue", "suggestion", 1, 0.3),
    Matter("price_rise", "complaint", 1, 0.7),
    Matter("holiday_cake", "question", 1.5, 0.0),
    Matter("praise_delivery", "praise", 1.5, 0.0, ways=(CHAT, APP)),
    Matter("praise_event", "praise", 1, 0.0, photos=3),
    Matter("gift_card", "question", 1, 0.1),
    Matter("refund_pending", "claim", 1.5, 0.9, ways=(MAIL, APP)),
    Matter("noise", "complaint", 0.7, 0.7, ways=(MAIL,)),
    Matter("school_visit", "question", 0.7, 0.0, ways=(MAIL,)),
    Matter("donation", "question", 0.7, 0.0, ways=(MAIL,)),
    Matter("press", "question", 0.4, 0.0, ways=(MAIL,)),
    Matter("allergic_reaction", "complaint", 0.5, 1.0),
    Matter("foreign_object", "complaint", 0.6, 0.9, photos=2),
    Matter("dog", "question", 1, 0.1, ways=(CHAT,), cafe=True),
    Matter("wifi", "question", 1, 0.0, ways=(CHAT,), cafe=True),
    Matter("not_for_us", "not_for_us", 0.7, 0.1, ways=(CHAT, MAIL)),
)


def any_matter(rng: random.Random) -> Matter:
    """One of them, the frequent ones more often."""
    return rng.choices(MATTERS, [m.share for m in MATTERS])[0]
