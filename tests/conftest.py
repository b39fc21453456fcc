"""
Hypothesis repeats itself: the same examples on every machine and in every run, no database of failures.

`pytest --hypothesis-profile searching` looks for new ones.
"""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

settings.register_profile(
    "repeatable",
    database=None,
    deadline=None,  # time is measured in benchmarks/, never asserted
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],  # see deadline
)
settings.register_profile("searching", settings.get_profile("repeatable"), derandomize=False, max_examples=2000)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: the garbage collector need not look through it again."""
    _anything()  # some versions of Hypothesis warn of their own generator if all that refers to it is frozen
    gc.collect()
    gc.freeze()


@settings(max_examples=1)
@given(st.none())
def _anything(_: None) -> None:
    pass


@pytest.fixture
def mortal(tmp_path):
    """Called, the test goes on as a user who may not read everything: nobody, where it was the superuser."""
    was = os.geteuid()

    def become() -> None:
        if was == 0:
            tmp_path.chmod(0o755)
            os.seteuid(65534)

    yield become
    os.seteuid(was)
