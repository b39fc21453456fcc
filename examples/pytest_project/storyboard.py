"""A small piece of somebody's pipeline: shots in, requests out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RATIOS = {"wide": "1280:720", "tall": "720:1280", "square": "960:960"}


@dataclass(frozen=True)
class Shot:
    """One shot of a storyboard."""

    image: str
    prompt: str = ""
    seconds: int = 5
    shape: str = "wide"


def request(shot: Shot) -> dict[str, Any]:
    """The body of an image-to-video request for a shot."""
    body: dict[str, Any] = {
        "model": "gen4_turbo",
        "promptImage": shot.image,
        "ratio": RATIOS[shot.shape],
        "duration": max(2, min(10, shot.seconds)),
    }
    if shot.prompt:
        body["promptText"] = clipped(shot.prompt)
    return body


def clipped(prompt: str) -> str:
    """The prompt, cut to 1000 UTF-16 code units: that is what the vendor counts."""
    units = prompt.encode("utf-16-le")[:2000]
    return units.decode("utf-16-le", "ignore")


def line(body: dict[str, Any]) -> str:
    """A request as one line for people."""
    images = body["promptImage"]
    count = len(images) if isinstance(images, list) else 1
    seconds = f"{body['duration']} s" if "duration" in body else "usual length"
    shape = body.get("ratio", "usual shape")
    prompt = " ".join(body.get("promptText", "").split()) or "(no prompt)"
    return f"{body['model']} {shape}, {seconds}, {count} image{'s' * (count > 1)}: {prompt}"
