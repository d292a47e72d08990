"""The commands put together, and the one place where an error becomes a line and an exit code.

In: the words of the command line; out: the exit code. What is not foreseen is named by its class and place only.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.exceptions import TyperException

from gateway.cli import (
    ask,
    attack,
    audit,
    credentials,
    demo,
    extracts,
    keys,
    link,
    operate,
    prepare,
    protocol,
    release,
    report,
    review,
)
from gateway.cli.output import emit_json, errors, refused

REFUSED = 1
HELP = "`gateway --help` lists the commands, `gateway COMMAND --help` tells how one is used."
JSON = "--json"

app = typer.Typer(
    name="gateway",
    help="Service records of many agencies in, protected figures out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)

OPERATE, SEND, LINK, ASK, GOVERN = (
    "Run a gateway",
    "Data officers",
    "Linkage officers",
    "Evaluators",
    "Information governance",
)
app.command("demo", rich_help_panel=OPERATE)(demo.demo)
app.command("init", rich_help_panel=OPERATE)(operate.init)
app.command("serve", rich_help_panel=OPERATE)(operate.serve)
app.add_typer(credentials.app, name="credentials", rich_help_panel=OPERATE)
app.add_typer(keys.app, name="keys", rich_help_panel=OPERATE)
app.command("check", rich_help_panel=SEND)(extracts.check)
app.command("template", rich_help_panel=SEND)(extracts.template)
app.command("prepare", rich_help_panel=SEND)(prepare.prepare)
app.command("send", rich_help_panel=SEND)(extracts.send)
app.command("submissions", rich_help_panel=SEND)(extracts.submissions)
app.command("link", rich_help_panel=LINK)(link.link)
app.command("changes", rich_help_panel=LINK)(link.changes)
app.command("review", rich_help_panel=LINK)(review.review)
app.command("report", rich_help_panel=LINK)(report.report)
app.command("ask", rich_help_panel=ASK)(ask.ask)
app.command("releases", rich_help_panel=GOVERN)(release.releases)
app.command("release", rich_help_panel=GOVERN)(release.release)
app.command("attack", rich_help_panel=GOVERN)(attack.attack)
app.add_typer(audit.app, name="audit", rich_help_panel=GOVERN)
app.add_typer(protocol.app, name="protocol", rich_help_panel=GOVERN)


def run(words: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        code = app(list(words), standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        return REFUSED
    except TyperException as error:
        said = error.format_message()
        told = {"title": "Wrong usage", "detail": said, "fix": HELP}
        # Without a word the help itself was asked for, and shown.
        return _ended(told, words, error.exit_code) if said else error.exit_code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # A path that was typed here, and what the system says of it; nothing of what is in the file.
        told = {"title": "A file cannot be used", "detail": f"{error.strerror}: {error.filename}"}
        return _ended(told, words, REFUSED)
    except Exception as error:  # noqa: BLE001  # the last stop: whatever is left may quote a value, so only its class is shown
        return _failed(error, words)
    return code if isinstance(code, int) else 0


def _ended(problem: Mapping[str, Any], words: Sequence[str], code: int) -> int:
    """Tell a problem to the person, and to the program that asked for JSON."""
    if JSON in words:
        emit_json(problem)
    refused(problem)
    return code


def _failed(error: Exception, words: Sequence[str]) -> int:
    # Here and not above: it knows every part of the gateway, and most commands need few of them.
    from gateway.jobs.problems import UNFORESEEN, problem_of

    problem = problem_of(error)
    _ended(problem, words, REFUSED)
    if problem.get("type") == UNFORESEEN:
        frames = traceback.extract_tb(error.__traceback__)
        # The machinery of imports would push the line that matters out of sight.
        for frame in [each for each in frames if not each.filename.startswith("<")][-4:]:
            errors.print(f"  at {frame.filename}:{frame.lineno} in {frame.name}", highlight=False)
    return REFUSED
