"""
Hypothesis repeats itself: the same examples on every machine and in every run, no database of failures.

`pytest --hypothesis-profile searching` looks for new ones.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable",
    database=None,
    deadline=None,  # time is measured in benchmarks/, never asserted
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],  # see deadline
)
settings.register_profile("searching", settings.get_profile("repeatable"), derandomize=False, max_examples=2000)
settings.load_profile("repeatable")
