"""
The command line: parse, call, print, exit; one module per verb.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from typing import Any

import click

from preroll import __version__
from preroll.cli.exits import Exit

VERBS = {
    "check": "check one request before it is sent",
    "lint": "check stored job files: JSON, JSONL, YAML, folders",
    "targets": "list what is known, with the documents' dates",
    "show": "show what a target takes, and on which conditions",
    "audit": "find the defects of a vendor's document",
    "decode": "read a service's refusal as violations of the payload that was sent",
    "explain": "explain a rule, with an example that breaks it and one that does not",
    "fuzz": "write payloads: valid ones, and one for each way to be wrong",
    "bundle": "write a self-contained JSON Schema, for editors and other languages",
    "baseline": "accept the violations that are known, or drop those that are gone",
    "completion": "print a shell's completion script",
    "diff": "say what changed between two documents, and who breaks",
    "contract": "ask the live service what its document promises; offline by default",
    "update": "take up a newer vendor document, after showing what it changes",
    "reanchor": "fit corrections and rules to a document that has moved under them",
}
"""Every verb, with its line in `preroll --help`; the module of the same name holds it."""


class Verbs(click.Group):
    """A group whose verbs are imported when they are used: `check` must start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None where there is no such verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"preroll.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing the verbs."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does, with the nearest verb where there is none of that name."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            from preroll import spelling  # only a misspelt verb pays for it

            near = spelling.nearest(name, VERBS, spelling.LOOSE)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="preroll %(version)s")
def program() -> None:
    """Pre-flight checks for paid generative-video APIs."""


def main(arguments: list[str] | None = None) -> int:
    """
    Run the command line and return the exit code; nothing that users do shows a traceback.

    Set PREROLL_DEBUG=1 to see the traceback of an internal fault.
    """
    from preroll.cli.complaints import complaint, drop_output, unwritable  # short, but only needed here

    try:
        _open_streams()
        result = program.main(args=arguments, prog_name="preroll", standalone_mode=False)
        sys.stdout.flush()  # at the interpreter's exit nobody could tell of what goes wrong
    except click.exceptions.Exit as done:
        return int(done.exit_code)
    except click.ClickException as error:
        error.show()
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        drop_output()
        return int(Exit.CLEAN)
    except OSError as error:
        # What fails without a name is not a file that was opened: it is the output.
        return complaint(error) if error.filename else unwritable(error)
    except Exception as error:  # noqa: BLE001  # the border: every fault becomes one clear line
        return complaint(error)
    return int(result) if isinstance(result, int) else 0


def _open_streams() -> None:
    """
    Standard streams that can be used: a closed input is an empty one.

    Raises:
        OSError: standard output is closed.
    """
    streams: dict[str, Any] = vars(sys)
    for name, mode in (("stdin", "r"), ("stderr", "w")):
        if streams[name] is None:
            streams[name] = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115  # until the process ends
    if streams["stdout"] is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def run() -> None:
    """The console script."""
    raise SystemExit(main())
