"""The command line: `ermine list | show | run | sweep | fit | export | new`.

Exit status 0: done. 1: a check failed, under `--strict`. 2: unusable input. 130: interrupted.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from core.catalog import find
from core.cli import commands as does
from core.cli.output import as_text
from core.experiment import InputError
from core.runs.request import allowed, unknown_field


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        options, unknown = _parser(given).parse_known_args(given)
        if unknown:
            raise InputError(_unknown(options, unknown[0]))
        return int(options.command(options))
    except InputError as error:
        print(f"ermine: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nermine: interrupted; nothing was kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as `head` does.
        sys.stderr.close()
        return 0


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ermine", description="Experiments in statistical learning.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Any, summary: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=function.__doc__, allow_abbrev=False)
        made.set_defaults(command=function)
        return made

    listing = add("list", does.list_, "the experiments and their questions")
    listing.add_argument("--json", action="store_true", help="as JSON")
    showing = add("show", does.show, "one experiment's fields and tables")
    showing.add_argument("name")
    showing.add_argument("--json", action="store_true", help="as JSON")
    running = add("run", does.run, "carry one run out: ermine run NAME [--field value …]")
    sweeping = add("sweep", does.sweep, "every combination: ermine sweep NAME --over field=a,b,c")
    for command in (running, sweeping):
        command.add_argument("name", metavar="NAME")
        command.add_argument("--csv", metavar="DIR", help="write <table>.csv and config.json into DIR")
        command.add_argument("--json", action="store_true", help="print everything as JSON")
        command.add_argument("--strict", action="store_true", help="exit with 1 if a check fails")
        _add_fields(command, arguments)
    sweeping.add_argument(
        "--over", action="append", required=True, metavar="FIELD=A,B,C", help="values of one field"
    )
    fitting = add("fit", does.fit, "fit distributions to a column of a file")
    fitting.add_argument("file", metavar="FILE")
    fitting.add_argument("--column", help="needed where the file has several numeric columns")
    fitting.add_argument("--family", action="append", help="a family; again for another")
    fitting.add_argument("--json", action="store_true", help="as JSON")
    exporting = add("export", does.export_, "a kept run as a zip")
    exporting.add_argument("run", metavar="RUN")
    exporting.add_argument("--to", metavar="FILE", help="by default NAME-RUN.zip")
    adding = add("new", does.new, "write the three files of a new experiment")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("--chapter", required=True)
    return parser


def _add_fields(command: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """A flag for each field of the experiment that `arguments` name."""
    if command.prog.split()[-1] not in arguments[:1] or len(arguments) < 2:
        return
    name = next((a for a in arguments[1:] if not a.startswith("-")), None)
    if name is None:
        return
    group = command.add_argument_group(f"fields of {name}")
    for field, info in find(name).config.model_fields.items():
        spelled = dict.fromkeys((f"--{field.replace('_', '-')}", f"--{field}"))
        text = (
            f"{info.description} {allowed(info).capitalize()}. Default: {as_text(info.get_default())}."
        )
        group.add_argument(
            *spelled, dest=f"field_{field}", metavar="VALUE", help=text.replace("%", "%%")
        )


def _unknown(options: argparse.Namespace, given: str) -> str:
    field = given.lstrip("-").partition("=")[0].replace("-", "_")
    if given.startswith("--") and getattr(options, "name", None):
        return unknown_field(options.name, field, list(find(options.name).config.model_fields))
    return f"`{given}` is not understood here; see --help."
