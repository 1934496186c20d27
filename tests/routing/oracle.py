"""What the router decides by lines and crews, said once more in the plainest way: to compare with."""

from netcenter.routing.rules import Operator, Waiting, demand, takes


def can_take(operator: Operator, case: Waiting, now: float | None = None) -> bool:
    """Whether the operator may and can answer the case, with room for it, whoever let it pass before."""
    asked = demand(case, now)
    if case.pinned_to is not None:
        if case.pinned_to == operator.operator_id:
            return 0 < operator.weights.get(asked.channel, asked.weight) <= operator.room
        if case.pinned_to not in case.declined and case.pinned_to not in case.missed:
            return False
    return 0 < takes(operator, asked) <= operator.room
