"""
Prism, a mock server of other people's making, against the documents as published. `make peers` installs it.
"""

from __future__ import annotations

import json

import httpx
import pytest
from tests.contract import agreement, prism
from tests.contract.agreement import PRISM, ROOT
from tests.contract.simulator import PUBLISHED, VIEWS, documents
from tests.contract.test_agreement import REGISTRY, lines

RUNWARE = [f"runware/{file}" for file in documents.FILES.values()]
RUNWAYML = f"runwayml/{documents.VERSION}.openapi.json"
RAY = f"runware/{documents.FILES[documents.RAY]}"
OVI = f"runware/{documents.FILES[documents.OVI]}"
UUID = "3f2b8c1e-9a4d-4e6f-8b7a-5c0d1e2f3a4b"

# A document and the targets that are asked of it here; all of them are asked for the table.
ASKED = [
    (OVI, "runware/runware:190@1"),
    (RUNWAYML, "runwayml/uploads"),
    (RUNWAYML, "runwayml/text_to_video"),
]


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """`serve(file)`: Prism with a document, as its address; one for each."""
    from contextlib import ExitStack

    reason = prism.missing()
    if reason:
        pytest.skip(reason)
    with ExitStack() as stack:
        running: dict[tuple[str, bool], str] = {}

        def address(file, *, as_it_is=False):
            if (file, as_it_is) not in running:
                folder = tmp_path_factory.mktemp("prism")
                served = prism.served(ROOT / "schemas" / file, folder, as_it_is=as_it_is)
                running[file, as_it_is] = stack.enter_context(served)
            return running[file, as_it_is]

        yield address


def post(url, body, path="/v1"):
    headers = {"Authorization": "Bearer any", "X-Runway-Version": documents.VERSION}
    headers["Content-Type"] = "application/json"
    return httpx.post(url + path, content=json.dumps(body), headers=headers, timeout=30, trust_env=False)


@pytest.mark.parametrize("file", RUNWARE)
def test_prism_can_serve_the_prepared_documents(serve, file):
    answer = post(serve(file), [{}])
    assert answer.status_code == 422
    assert {"location": ["body", "0"], "severity": "Error", "code": "required"}.items() <= min(
        (each for each in answer.json()["validation"] if each["code"] == "required"), key=str
    ).items()


def test_a_repeated_id_makes_prism_take_everything(serve):
    """Why the documents are prepared: ajv refuses the schema, and Prism goes on without one."""
    assert post(serve(RAY, as_it_is=True), [{}], "/").status_code == 200
    assert post(serve(RAY), [{}]).status_code == 422


def test_prism_leaves_out_the_path_of_the_servers(serve):
    """Why the documents are prepared: their paths are below it."""
    assert post(serve(RAY, as_it_is=True), [{}], "/v1").status_code == 404


def test_prism_takes_null_for_no_body(serve):
    """The deviation that the table names."""
    assert post(serve(RUNWAYML), None, "/v1/uploads").status_code == 200
    assert post(serve(RUNWAYML), {}, "/v1/uploads").status_code == 422


def test_prism_rounds_numbers(serve):
    """The deviation that the table names: the first of these is more than the document's maximum."""
    common = {"taskType": "videoInference", "taskUUID": UUID, "model": "runware:190@1", "positivePrompt": "A fox"}
    task = {**common, "inputs": {"image": UUID}}
    url = serve(OVI)
    assert post(url, [{**task, "seed": 9223372036854776001}]).status_code == 200
    assert post(url, [{**task, "seed": 9223372036854780000}]).status_code == 422


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("file", "target"), ASKED, ids=[target for _, target in ASKED])
def test_prism_disagrees_where_the_table_says(serve, file, target, view):
    row = agreement.row(target, view, PRISM, serve(file), REGISTRY)
    assert [json.dumps(each.request) for each in row.disagreements if not each.explained] == []
    assert row.rules <= set(row.explained)  # and every rule shows: the document alone does not know it
    if view == PUBLISHED:
        assert set(row.explained) <= set(prism.DEVIATIONS)
    assert agreement.gist(lines(PRISM)[target, view]) == agreement.gist(agreement.cells(row))
