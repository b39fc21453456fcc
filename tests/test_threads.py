"""
One registry for many: threads and forked processes share it, and get the answers that one alone gets.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.payloads import BAD, GOOD

import preroll
from preroll import recollection
from preroll.registry import Registry, _read_index, data_root

PAYLOADS = [json.loads(path.read_text(encoding="utf-8")) for path in (*GOOD, *BAD)]
TODAY = "2026-10-01"


def answers(registry: Registry, seed: int = 0) -> list[str]:
    """What is said of every payload, asked in an order of its own."""
    order = list(range(len(PAYLOADS)))
    random.Random(seed).shuffle(order)
    found = dict.fromkeys(order, "")
    for index in order:
        report = preroll.check(PAYLOADS[index], registry=registry, today=TODAY)
        found[index] = json.dumps([report.verdict, *(repr(each) for each in report.violations)])
    return [found[index] for index in range(len(PAYLOADS))]


@pytest.fixture
def fresh() -> Registry:
    """A registry in which nothing has been read or compiled yet."""
    return _read_index(data_root())


def test_threads_share_a_registry(fresh):
    alone = answers(_read_index(data_root()))
    start = threading.Barrier(8)

    def ask(seed):
        start.wait()
        return answers(fresh, seed)

    with ThreadPoolExecutor(8) as pool:
        for each in pool.map(ask, range(8)):
            assert each == alone


def test_threads_share_what_is_remembered(fresh, monkeypatch):
    monkeypatch.setattr(recollection, "FIRST", 0)
    task: dict[str, Any] = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@o3-pro",
        "positivePrompt": "A fox",
    }
    wrong: list[dict[str, Any]] = [
        {"taskUUID": "x"},
        {"width": 7},
        {"prompt": "A wolf"},
        {"duration": 99},
        {"providerSettings": {"x": 1}},
    ]
    payloads = [{**task, **one, **other} for one in wrong for other in wrong]

    def said(registry):
        return [repr(preroll.check(each, registry=registry, today=TODAY).violations) for each in payloads]

    alone = said(_read_index(data_root()))
    start = threading.Barrier(6)

    def ask(_):
        start.wait()
        return said(fresh)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns in the middle of everything
    try:
        with ThreadPoolExecutor(6) as pool:
            assert all(each == alone for each in pool.map(ask, range(6)))
    finally:
        sys.setswitchinterval(before)


def test_threads_share_what_is_compiled(fresh):
    engines = []
    with ThreadPoolExecutor(8) as pool:
        for target in fresh.targets.values():
            if target.schema:
                engines = list(pool.map(lambda _, target=target: fresh.engine(target), range(8)))
                assert all(each is fresh.engine(target) for each in engines)


def _ask(seed: int) -> list[str]:
    return answers(_shared[0], seed)


_shared: list[Registry] = []
"""What the children inherit."""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking is what is tried
def test_forked_processes_share_a_registry(fresh):
    alone = answers(fresh)
    _shared[:] = [fresh]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for each in pool.map(_ask, range(4)):
            assert each == alone
