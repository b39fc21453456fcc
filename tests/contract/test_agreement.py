"""
Where document, rules and service disagree, and that nothing else does: the tables of docs/contract.md, looked at again.

Here the simulated services are asked anew; `test_prism.py` asks Prism, and `python -m tests.contract.agreement` all of
it. The tables themselves must add up, and every reason in them must be a correction, a rule or a named deviation.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.contract import agreement, prism
from tests.contract.agreement import CORRECTIONS, PAGE, PRISM, SIMULATED, TODAY, section
from tests.contract.simulator import PUBLISHED, VIEWS, Simulator, documents

from preroll.registry import Registry

REGISTRY = Registry.bundled()
TARGETS = [name for names in agreement.targets(REGISTRY).values() for name in names]
KNOWN = {*CORRECTIONS.values(), *prism.DEVIATIONS, agreement.DEPENDENCIES, *agreement.prose(REGISTRY)}

# Those whose plans are made in a moment are asked as published, too.
QUICK = ["runwayml/uploads", "runwayml/organization/usage", "runwayml/sound_effect", "runwayml/voice_dubbing"]


@pytest.fixture(scope="module")
def service():
    with Simulator(today=TODAY, key=None) as service:
        yield service


def lines(service: str) -> dict[tuple[str, str], list[str]]:
    """The rows of a table, by target and view."""
    found = {}
    for line in section(PAGE.read_text(encoding="utf-8"), service).splitlines():
        cells = [each.strip() for each in line.strip().strip("|").split(" | ")]
        if len(cells) == 6 and "/" in cells[0]:
            found[cells[0], cells[1]] = cells[2:]
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_as_intended_document_and_service_agree_on_everything(target, service):
    row = agreement.row(target, "intended", SIMULATED, service.url, REGISTRY)
    assert [each.request for each in row.disagreements] == []
    assert row.requests > 4
    assert agreement.gist(lines(SIMULATED)[target, "intended"]) == agreement.gist(agreement.cells(row))
    assert not any(each.beside for each in service.requests)


@pytest.mark.parametrize("target", QUICK)
def test_as_published_they_disagree_where_a_rule_or_correction_says_so(target, service):
    row = agreement.row(target, PUBLISHED, SIMULATED, service.url, REGISTRY)
    assert not [each for each in row.disagreements if not each.explained]
    assert agreement.gist(lines(SIMULATED)[target, PUBLISHED]) == agreement.gist(agreement.cells(row))


@pytest.mark.parametrize("service", [SIMULATED, PRISM])
def test_a_table_is_whole_and_adds_up(service):
    table = lines(service)
    assert set(table) == {(target, view) for target in TARGETS for view in VIEWS}
    for requests, agree, disagree, why in table.values():
        reasons = re.findall(r"([a-z0-9][a-z0-9 -]*[a-z0-9]) \((\d+)\)", why)
        assert int(requests) == int(agree) + int(disagree)
        assert int(disagree) == sum(int(count) for _, count in reasons)
        assert {each for name, _ in reasons for each in name.split(" with ")} <= KNOWN


def test_where_the_view_is_the_service_s_own_nothing_but_its_deviations_is_left():
    assert {why for (_, view), (*_, why) in lines(SIMULATED).items() if view == "intended"} == {"–"}
    left = {re.sub(r" \(\d+\)", "", why) for (_, view), (*_, why) in lines(PRISM).items() if view == PUBLISHED}
    assert left <= {"–", *prism.DEVIATIONS, agreement.DEPENDENCIES}


def test_each_correction_has_its_counterpart_in_the_simulator():
    """The names by which the simulator's own mendings are known are those of the corrections, and none is missing."""
    folder = Path(documents.SCHEMAS) / "runware" / "corrections"
    for model, mends in documents.MENDED.items():
        overlay = folder / documents.FILES[model].replace(".openapi.json", ".overlay.yaml")
        text = overlay.read_text(encoding="utf-8") if overlay.exists() else ""
        assert set(re.findall(r"x-id: ([\w-]+)", text)) == {CORRECTIONS[each] for each in mends}
