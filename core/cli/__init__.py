"""The command line: `ermine list | show | run | sweep | fit | export | new`.

Exit status 0: done. 1: a check failed, under `--strict`. 2: unusable input. 3: a fault of Ermine's.
130: interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from core.catalog import experiments, find
from core.cli import commands as does
from core.cli import running
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
        # A terminal shows ^C on the line that we would write on.
        lead = "\n" if sys.stderr.isatty() else ""
        print(f"{lead}ermine: interrupted; what was under way is not kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as `head` does: nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where, why = error.filename or "a file", error.strerror or error
        print(f"ermine: {where} cannot be used: {why}.", file=sys.stderr)
        return 2
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        print(f"ermine: {said}. This is a fault of Ermine's.", file=sys.stderr)
        return 3


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong as everything else here does: in one sentence, status 2."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see `{self.prog} --help`.")


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="ermine", description="Experiments in statistical learning.")
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
    single = add("run", running.run, "carry one run out: ermine run NAME [--field value …]")
    sweeping = add("sweep", running.sweep, "every combination: ermine sweep NAME --over field=a,b,c")
    for command in (single, sweeping):
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
    fitting.add_argument(
        "--upper",
        metavar="COLUMN",
        help="a column of upper bounds of censored values; --column then has lower ones: equal where a "
        "value is known, empty where a bound is open",
    )
    fitting.add_argument("--weights", metavar="COLUMN", help="a column of how often each row counts")
    fitting.add_argument(
        "--confidence",
        type=float,
        metavar="P",
        help="gives intervals too: Wald and profile, such as 0.95",
    )
    fitting.add_argument("--seen-from", type=float, metavar="X", help="smaller values were never seen")
    fitting.add_argument("--seen-to", type=float, metavar="X", help="larger values were never seen")
    fitting.add_argument("--family", action="append", help="a family; again for another")
    fitting.add_argument(
        "--method",
        default="mle",
        help="mle, mme, qme:p1,p2,..., mge:KS or another distance, mps",
    )
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
    plain = [a for a in arguments[1:] if not a.startswith("-")]
    if not plain:
        return
    # Values of other flags may stand in front of it: `ermine run --csv out NAME`.
    name = next((a for a in plain if a in experiments()), plain[0])
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
    if given.startswith("--") and options.command in (running.run, running.sweep):
        return unknown_field(options.name, field, list(find(options.name).config.model_fields))
    return f"`{given}` is not understood here; see --help."
