"""Print what makes a shell complete saccade's words.

put this line where your shell starts:
  bash  ~/.bashrc                  eval "$(saccade completion bash)"
  zsh   ~/.zshrc                   eval "$(saccade completion zsh)"
  fish  ~/.config/fish/config.fish saccade completion fish | source
"""

from __future__ import annotations

import argparse

SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def run(options: argparse.Namespace) -> int:
    """Print the script.

    Args:
        options: `shell`.

    Returns:
        The exit code.

    Source: argcomplete.
    """
    from argcomplete.shell_integration import shellcode

    print(shellcode(["saccade"], shell=options.shell))
    return 0
