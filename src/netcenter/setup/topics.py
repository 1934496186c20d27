"""The topics that messages are read by, for forms: the company's own where it taught some, else everybody's."""

from netcenter.understanding.lexicon import DEFAULT_TOPICS
from netcenter.understanding.models import Example, Layer
from netcenter.understanding.topic_names import topic_names


def topic_choices() -> list[tuple[str, str]]:
    """(topic, what it is called)."""
    names = topic_names()
    usual = [(topic, names.get(topic, topic)) for topic in DEFAULT_TOPICS]
    if not Layer.objects.filter(what=Layer.What.TOPICS, is_on=True).exists():
        return usual
    own = Example.objects.order_by("topic").values_list("topic", flat=True).distinct()
    return [*((topic, topic) for topic in own if topic not in DEFAULT_TOPICS), *usual]
