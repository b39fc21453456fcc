"""
`preroll completion`: what makes a shell complete verbs, options and formats.
"""

from __future__ import annotations

import sys

import click

from preroll.cli.exits import Exit

HOW = {
    "bash": "echo 'eval \"$(preroll completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$(preroll completion zsh)\"' >> ~/.zshrc",
    "fish": "preroll completion fish > ~/.config/fish/completions/preroll.fish",
}
"""How to install each shell's script."""


@click.command("completion", short_help="print a shell's completion script")
@click.argument("shell", type=click.Choice(list(HOW)))
def command(shell: str) -> int:
    r"""
    Print the script that makes SHELL complete preroll's verbs, options and formats.

    \b
    bash:  echo 'eval "$(preroll completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(preroll completion zsh)"' >> ~/.zshrc
    fish:  preroll completion fish > ~/.config/fish/completions/preroll.fish
    """
    from click.shell_completion import get_completion_class

    from preroll.cli import program

    found = get_completion_class(shell)
    assert found is not None  # the choice above knows these three
    maker = found(program, {}, "preroll", "_PREROLL_COMPLETE")
    # `source()` would run the shell to find out its version.
    sys.stdout.write(maker.source_template % maker.source_vars())
    return int(Exit.CLEAN)
