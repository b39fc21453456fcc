"""
`python -m preroll`: the command line, for where the console script is not on the path.
"""

from __future__ import annotations

from preroll.cli import run

if __name__ == "__main__":
    run()
