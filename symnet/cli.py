"""The command line: one entry point that finds the command, and turns errors into messages and exit codes.

Nothing here imports SymPy or NumPy; a command imports what it needs when it runs, so `symnet --help` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence

import click

from symnet.errors import SymnetError, nearest
from symnet.version import __version__

INTERRUPTED = 130
OWN_MISTAKE = 3

# command: module under symnet.commands, in the order of the help
COMMANDS = {
    "compile": "compiling",
    "check": "compiling",
    "gradients": "looking",
    "paper": "writing",
    "show": "looking",
    "trace": "looking",
    "summary": "looking",
    "profile": "profiling",
    "report": "drawing",
    "draw": "drawing",
    "stability": "certifying",
    "train": "running",
    "predict": "running",
}


class Commands(click.Group):
    """The commands by name; a misspelt one gets a suggestion, a file in its place a hint."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(
            importlib.import_module(f"symnet.commands.{COMMANDS[cmd_name]}"), f"{cmd_name}_command"
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        if name.endswith((".sym", ".py")) or os.path.exists(name):
            verb = "check" if name.endswith(".py") else "compile"
            raise click.UsageError(f"{name!r} is a file, not a command; did you mean `symnet {verb} {name}`?", ctx)
        hint = nearest(name, COMMANDS)
        raise click.UsageError(f"there is no command {name!r}{'; ' + hint if hint else ''}", ctx)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 good, 1 the check failed or training diverged, 2 a mistake in the spec or the arguments.",
)
@click.version_option(__version__, prog_name="symnet", message="%(prog)s %(version)s")
def cli() -> None:
    """Differentiate tensor equations and turn them into a readable NumPy module.

    A spec (a text file, *.sym) lists equations in index notation. symnet derives the gradients symbolically, proves
    them against finite differences, and writes one Python file that needs nothing but NumPy.

    \b
    Start here:
      symnet compile examples/digits_mlp.sym -o digits.py
      symnet gradients examples/digits_by_hand.sym
      symnet trace examples/scalar_graph.sym a=2 b=1
      symnet train examples/digits_mlp.sym --data sklearn:digits
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = cli.main(given, prog_name="symnet", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except SymnetError as error:
        return _told(error) if "--json" in given else _fail(str(error), error.exit_code)
    except click.ClickException as error:
        return _misused(error)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone: `symnet show … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _fail("there is not enough memory for this", 2)
    except Exception:
        traceback.print_exc()
        return _fail("this is a mistake of symnet's own; please report it with the lines above", OWN_MISTAKE)


def _misused(error: click.ClickException) -> int:
    context: click.Context | None = getattr(error, "ctx", None)
    message = error.format_message()
    if context is not None and message == context.get_help():  # no arguments at all: the help is the answer
        click.echo(message, err=True)
        return 2
    return _fail(message + (f"\n  see `{context.command_path} --help`" if context else ""), 2)


def _told(error: SymnetError) -> int:
    """An error for a program: JSON in the place of the result."""
    import json

    click.echo(json.dumps({"error": error.to_dict()}, ensure_ascii=False))
    return error.exit_code


def _fail(message: str, code: int) -> int:
    click.echo(f"symnet: {message}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
