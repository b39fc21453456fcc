"""
Run the simulated services until interrupted: `python tests/contract/simulator --port 8000 --switch slow`.
"""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # run as a folder, it is no part of a package

from tests.contract.simulator import KEY, SWITCHES, VIEWS, Simulator


def main() -> None:
    """Listen, say where, and wait."""
    parser = argparse.ArgumentParser(prog="simulator", description="The vendors' services, simulated on the loopback.")
    parser.add_argument("--port", type=int, default=0, help="where to listen; any free port by default")
    parser.add_argument("--view", choices=VIEWS, default=VIEWS[0], help="by which meaning of the documents it judges")
    parser.add_argument("--switch", choices=SWITCHES, default="", metavar="NAME", help="misbehave: " + "; ".join(
        f"{each.name} ({each.says})" for each in SWITCHES.values()
    ))  # fmt: skip
    chosen = parser.parse_args()
    with Simulator(view=chosen.view, switch=chosen.switch, port=chosen.port) as service:
        sys.stdout.write(
            f"listening on {service.url}, the key is {KEY}\n"
            f"try: RUNWARE_API_KEY={KEY} preroll contract runware/runware:190@1 --live "
            f"--server {service.url} --allow-host 127.0.0.1\n"
        )
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write(f"\n{len(service.requests)} requests, {len(service.started)} tasks started\n")


if __name__ == "__main__":
    main()
