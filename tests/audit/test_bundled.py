"""
The bundled documents: the defects that were found by reading them are found without being told.
"""

from __future__ import annotations

import pytest

from preroll import dialect, overlay, reports
from preroll.audit import TABLE, Subject, audit, kind
from preroll.pointer import ABSENT, look_up, parse
from preroll.registry import Registry, self_contained

pytest.importorskip("z3")

REGISTRY = Registry.bundled()
KLING, RAY = "runware/klingai-kling-video-o3-pro.openapi.json", "runware/luma-ray-3.2.openapi.json"
OVI, WAN, RUNWAYML = (
    "runware/ovi.openapi.json",
    "runware/alibaba-wan-2.7.openapi.json",
    "runwayml/2024-11-06.openapi.json",
)
KEYS = (KLING, RAY, OVI, WAN, RUNWAYML)

TASK = "/components/schemas/RequestBody/items"
BODY = "/requestBody/content/application~1json/schema"

P = f"{TASK}/properties"
INPUTS = f"{P}/inputs/properties"
FRAMES = f"{INPUTS}/frameImages"
KLINGAI = f"{P}/providerSettings/properties/klingai/properties"
VIDEO = f"/paths/~1v1~1image_to_video/post{BODY}"

FOUND = [
    # document, finding, place
    (KLING, "property-impossible", f"{FRAMES}"),
    (WAN, "property-impossible", f"{FRAMES}"),
    (KLING, "alternatives-match-what-is-absent", f"{TASK}/allOf/1/oneOf"),
    (WAN, "alternatives-match-what-is-absent", f"{TASK}/allOf/1/oneOf"),
    (KLING, "condition-never-holds", f"{TASK}/allOf/2/then"),
    (WAN, "condition-never-holds", f"{TASK}/allOf/2/then"),
    (KLING, "empty-object-refused", f"{TASK}/allOf/3/then/not/anyOf/0/properties/providerSettings"),
    (KLING, "condition-holds-vacuously", f"{TASK}/allOf/3/then/not/anyOf/1/properties/providerSettings"),
    (KLING, "condition-holds-vacuously", f"{TASK}/allOf/5/if/properties/providerSettings"),
    (KLING, "condition-holds-vacuously", f"{TASK}/allOf/8/if/properties/providerSettings"),
    (KLING, "demand-met-by-absence", f"{TASK}/allOf/7/then/properties/providerSettings"),
    (KLING, "dependencies-without-force", f"{INPUTS}/elements/items/dependencies"),
    (KLING, "legacy-keyword", f"{P}/duration/definitions"),
    (KLING, "example-in-prose-refused", f"{FRAMES}/description"),
    (WAN, "example-in-prose-refused", f"{FRAMES}/description"),
    (KLING, "count-in-prose-beyond-limit", f"{FRAMES}/description"),
    (KLING, "default-refused-when-written", f"{KLINGAI}/keepOriginalSound/default"),
    (KLING, "default-refused-when-written", f"{KLINGAI}/sound/default"),
    (RAY, "default-refused-when-written", f"{P}/resolution/default"),
    (RAY, "default-refused-when-written", f"{P}/duration/default"),
    (WAN, "default-refused-when-written", f"{P}/settings/properties/shotType/default"),
    (KLING, "component-unreachable", "/components/schemas/AuthenticationTask"),
    (RAY, "component-unreachable", "/components/schemas/AuthenticationTask"),
    (OVI, "component-unreachable", "/components/schemas/AuthenticationTask"),
    (WAN, "component-unreachable", "/components/schemas/AuthenticationTask"),
    (RAY, "repeated-id", f"{FRAMES}/items/anyOf/1/properties/image/$id"),
    (RAY, "id-changes-base", "/components/schemas/AuthenticationTask/properties/apiKey/$id"),
    (RAY, "exclusion-nowhere-said", f"{TASK}/allOf/14"),
    (RAY, "name-in-prose-unknown", f"{FRAMES}/description"),
    (RAY, "values-only-in-prose", f"{FRAMES}/items/anyOf/1/properties/frame/description"),
    (RAY, "assertion-implied", f"{TASK}/allOf/8/then/required/0"),
    (KLING, "alternative-is-only-a-format", f"{INPUTS}/video/anyOf/0"),
    (KLING, "pattern-differs-in-python", f"{INPUTS}/referenceImages/items/anyOf/3/pattern"),
    (KLING, "empty-request-accepted", "/components/schemas/RequestBody"),
    (KLING, "response-undescribed", "/components/schemas/ResponseBody/properties/data/items"),
    (KLING, "default-in-prose-differs", f"{P}/safety/properties/checkContent/description"),
    (OVI, "default-in-prose-differs", f"{P}/safety/properties/checkContent/description"),
    (OVI, "negative-number-accepted", f"{P}/fps"),
    (OVI, "number-beyond-int64", f"{P}/seed/maximum"),
    (OVI, "step-inexact-in-doubles", f"{P}/acceleratorOptions/properties/teaCacheDistance/multipleOf"),
    (OVI, "null-promised-and-refused", f"{P}/advancedFeatures/properties/slgLayer/description"),
    (OVI, "empty-text-accepted", f"{P}/positivePrompt"),
    (WAN, "empty-text-accepted", f"{P}/positivePrompt"),
    (RUNWAYML, "request-body-optional", "/paths/~1v1~1image_to_video/post/requestBody"),
    (RUNWAYML, "discriminator-over-inline-branches", f"{VIDEO}/discriminator"),
    (RUNWAYML, "discriminator-on-one-branch", f"/paths/~1v1~1sound_effect/post{BODY}/discriminator"),
    (RUNWAYML, "request-takes-unknown-properties", f"{VIDEO}/oneOf/0"),
    (RUNWAYML, "length-in-other-units", f"{VIDEO}/oneOf/0/properties/promptText/description"),
    (
        RUNWAYML,
        "limit-only-in-prose",
        f"/paths/~1v1~1video_to_video/post{BODY}/oneOf/0/properties/references/description",
    ),
    (RUNWAYML, "code-sample-refused", "/paths/~1v1~1image_to_video/post/x-codeSamples/1/source"),
    (RUNWAYML, "code-sample-refused", "/paths/~1v1~1voice_isolation/post/x-codeSamples/1/source"),
    (
        RUNWAYML,
        "pattern-differs-in-python",
        f"/paths/~1v1~1organization~1usage/post{BODY}/properties/startDate/pattern",
    ),
]

COUNTS = [
    (RUNWAYML, "request-body-optional", 12),
    (RUNWAYML, "length-in-other-units", 13),
    (RUNWAYML, "discriminator-over-inline-branches", 6),
    (RUNWAYML, "discriminator-on-one-branch", 11),
    (KLING, "property-impossible", 1),
    (KLING, "empty-object-refused", 1),
]

MENDED = [
    (KLING, "property-impossible", "frame-images-impossible"),
    (WAN, "property-impossible", "frame-images-impossible"),
    (KLING, "empty-object-refused", "empty-provider-settings-refused"),
    (KLING, "demand-met-by-absence", "empty-provider-settings-refused"),
    (OVI, "null-promised-and-refused", "slg-layer-null-refused"),
    (OVI, "negative-number-accepted", "frame-rate-without-minimum"),
    (OVI, "number-beyond-int64", "seed-beyond-64-bits"),
]


def findings(key):
    return reports.audited(key).findings


@pytest.mark.parametrize(("key", "identifier", "pointer"), FOUND)
def test_a_known_defect_is_found_where_it_is(key, identifier, pointer):
    assert pointer in {each.pointer for each in findings(key) if each.id == identifier}


@pytest.mark.parametrize(("key", "identifier", "count"), COUNTS)
def test_a_defect_is_found_as_often_as_it_is_there(key, identifier, count):
    assert sum(each.id == identifier for each in findings(key)) == count


@pytest.mark.parametrize(("key", "identifier", "correction"), MENDED)
def test_a_finding_names_the_correction_that_mends_it(key, identifier, correction):
    assert {each.correction for each in findings(key) if each.id == identifier} == {correction}


@pytest.mark.parametrize("key", KEYS)
def test_every_place_is_a_place_of_the_published_document(key):
    raw = REGISTRY.document(key).raw
    pointers = [each.pointer for each in findings(key)]
    pointers += [one["pointer"] for each in findings(key) for one in each.evidence.get("core", ())]
    assert [each for each in pointers if look_up(raw, parse(each)) is ABSENT] == []


@pytest.mark.parametrize("key", KEYS)
def test_payloads_that_show_a_finding_have_the_verdicts_that_it_says(key):
    document = REGISTRY.document(key)
    for each in findings(key):
        if "without" not in each.evidence:
            continue
        target = REGISTRY.targets[each.targets[0]]
        engine = dialect.engine(self_contained(document.published, target.schema))
        assert not engine.is_valid(each.evidence["payload"])
        assert engine.is_valid(each.evidence["without"])


@pytest.mark.parametrize("key", KEYS)
def test_an_example_that_is_called_refused_is_refused(key):
    document = REGISTRY.document(key)
    for each in findings(key):
        if "schema" in each.evidence and "payload" in each.evidence:
            engine = dialect.engine(self_contained(document.published, each.evidence["schema"]))
            assert not engine.is_valid(each.evidence["payload"]), each


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_left_undecided(key):
    assert [each.message for each in findings(key) if each.id == "proof-undecided"] == []


@pytest.mark.parametrize("key", KEYS)
def test_a_proposal_is_an_overlay_that_applies_and_mends(key):
    document = REGISTRY.document(key)
    proposed = [each for each in findings(key) if isinstance(each.correction, tuple)]
    for each in {finding.id: finding for finding in proposed}.values():
        actions = [{**dict(action), "x-id": "proposal"} for action in each.correction]
        applied = overlay.apply(document.raw, {"overlay": "1.1.0", "info": {"title": "p"}, "actions": actions})
        assert applied.stale == ()
        registry = Registry.of(applied.document, "mended")
        known = kind(each.id)
        if known is None or known.proved:
            continue
        after = audit(registry, registry.document("mended"), seconds=0)
        assert (each.id, each.pointer) not in {(one.id, one.pointer) for one in after.findings}


def test_of_the_corrected_documents_only_the_vendors_words_are_left():
    left = set()
    for key in (KLING, OVI, WAN):
        subject = Subject(REGISTRY, REGISTRY.document(key), intended=True, brief=True)
        places = [place for check, _ in TABLE for place in check(subject)]
        left |= {(key, each.kind.id) for each in places if each.kind.level == "error"}
    assert left == {(KLING, "example-in-prose-refused"), (WAN, "example-in-prose-refused")}
