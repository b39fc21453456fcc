"""
Never run, only type-checked: what callers write against the public interface.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import preroll


def a_service(payload: dict[str, Any]) -> list[str]:
    """A parsed payload in, what to tell the user out."""
    report: preroll.Report = preroll.check(payload, "POST /v1/image_to_video", today=date(2026, 10, 1))
    verdict: str = report.verdict
    target: str | None = report.target
    if verdict == "invalid" and target is not None:
        for violation in report.violations:
            rule: str = violation.rule
            pointers: list[str] = [violation.pointer, *violation.also, *(each.pointer for each in violation.because)]
            assert rule, pointers
    mended: Any = payload
    fixes: tuple[preroll.Fix, ...] = report.fixes()
    for fix in fixes:
        mended = preroll.apply(fix, mended)
    data: dict[str, Any] = report.to_dict()
    return [str(each["message"]) for each in data["violations"]]


def a_linter(raw: bytes) -> int:
    """Bytes in, an exit code out."""
    registry: preroll.Registry = preroll.Registry.load("vendor.yaml", bundled=True)
    try:
        preroll.check_bytes(raw, name="job.yaml", registry=registry, as_published=True).raise_if_invalid()
    except preroll.InvalidPayload as error:
        return len(error.report.violations)
    except preroll.Unreadable as error:
        line: int | None = error.line
        return line or 0
    except preroll.UnknownTarget as error:
        near: tuple[str, ...] = error.near
        return len(near)
    except preroll.Unrecognised as error:
        return len(error.advice)
    return 0


def a_proxy(headers: dict[str, str], answer: Any) -> preroll.Report:
    """Parameters and responses."""
    asked = preroll.check(
        {}, "uploads", parameters={f"header.{name}": each for name, each in headers.items()}, unknown="error"
    )
    assert asked.verdict
    return preroll.check(answer, "uploads", response=200)


def a_client(body: bytes, status: int, payload: list[dict[str, Any]]) -> bool:
    """A service's refusal in, whether to send the same payload again out."""
    decoded: preroll.Decoded = preroll.decode(body, payload, status=status)
    for violation in decoded.violations:
        rule: str = violation.rule
        fixes: tuple[preroll.Fix, ...] = violation.fixes
        assert rule, fixes
    told: dict[str, Any] = decoded.to_dict()
    assert told["answer"]["outcome"] == decoded.outcome
    return decoded.retry == "later"
