"""
The constraint model: a target's schema and rules as a formula over a bounded tree of locations.

    model = Model(registry, target, published=False)   # the rules join in the intended view
    model.assertions                   # everything that is asserted: `Assertion(source, keyword, detail, ...)`
    model.possible(condition)          # Possible(witness) | Impossible(core, bounds, within) | Unknown(reason)
    model.breaking(assertion)          # the same: a payload that breaks this one alone
    model.scenarios()                  # the ways through the conditionals: Scenario(active, inactive, answer)
    model.nearest(payload, keep=())    # Repair(payload, patch, ...) | Impossible | Unknown
    model.alternatives(payload)        # several repairs that keep different things
    difference(old, new)               # what one accepts and the other refuses, both ways

Every payload was confirmed by the real engine and the rules before it is returned; a proof says within which
bounds it holds; what could not be decided is `Unknown`. Needs the group `solver` (z3).
"""

from preroll.constraints.difference import Difference, difference
from preroll.constraints.encoding import Assertion, Conditional
from preroll.constraints.location import Bounds
from preroll.constraints.model import Answer, Impossible, Mismatch, Model, Possible, Scenario, Unknown
from preroll.constraints.repair import Repair

__all__ = [
    "Answer",
    "Assertion",
    "Bounds",
    "Conditional",
    "Difference",
    "Impossible",
    "Mismatch",
    "Model",
    "Possible",
    "Repair",
    "Scenario",
    "Unknown",
    "difference",
]
