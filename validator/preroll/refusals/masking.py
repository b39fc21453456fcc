"""
Answers without secrets: a service may repeat a key, a signed address or a part of the payload.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from preroll import redaction
from preroll.redaction import REDACTED, SHORTEST

NAMES: Final = frozenset(redaction.SECRETS)

_SECRETS: Final = re.compile(
    r"(?P<kept>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"
    r"|(?P<named>\b(?:api[ _-]?(?:key|secret|token)|access[ _-]?(?:key|token)|secret|token|password|authorization)"
    r"[\"']?\s*(?:is\s+)?[:=]\s*[\"']?)(?!\*)[^\s\"',;&)}\]]{4,}"
    r"|(?P<quoted>\b(?:key|secret|token|password)\s+)(?P<mark>[\"'`])[^\s\"'`]{8,}(?P=mark)"
    r"|(?P<plain>\b(?:key|secret|token|password)\s+)(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{12,}"
    r"|\b(?:key|sk|pk|rk|api|tok|token|secret)[_-](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{12,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|(?P<signed>[?&](?:x-amz-[a-z-]*(?:signature|credential|security-token)|x-goog-(?:signature|credential)"
    r"|signature|sig|token|key|api_?key|access_token|_jwt|policy|key-pair-id)=)[^&\s\"'<>]+"
    r"|(?P<scheme>\bhttps?://)[^\s/@:\"']+:[^\s/@\"']+@",
    re.IGNORECASE,
)
"""What looks like a secret wherever it stands: bearer tokens, prefixed keys, web tokens, signed addresses."""


def secrets_in(*values: Any, names: frozenset[str] = NAMES) -> frozenset[str]:
    """The texts of all members of the values whose names are those of secrets; short ones are none."""
    found = (each for value in values for each in redaction.secret_texts(value, names))
    return frozenset(each for each in found if len(each) >= SHORTEST)


def masked(value: Any, secrets: Iterable[str] = (), names: frozenset[str] = NAMES) -> Any:
    """A copy of a value in which every secret is hidden, in texts and in keys; everything else stays as it was."""
    known = tuple(secrets)
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, dict):
        return {
            _text(str(key), known): REDACTED
            if str(key).lower() in names and each not in (None, "") and not isinstance(each, (dict, list))
            else masked(each, known, names)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        items = [masked(each, known, names) for each in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value) in known:
        return REDACTED
    return value


def _text(value: str, secrets: tuple[str, ...]) -> str:
    if any(each in value for each in secrets):
        value = redaction.covered(value, secrets)
    return _SECRETS.sub(_hidden, value)


def _hidden(found: re.Match[str]) -> str:
    for name in ("kept", "named", "plain", "signed", "scheme"):
        if found[name]:
            return f"{found[name]}{REDACTED}" + ("@" if name == "scheme" else "")
    if found["quoted"]:
        return f"{found['quoted']}{found['mark']}{REDACTED}{found['mark']}"
    return REDACTED
