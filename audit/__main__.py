"""`python -m audit verify EXPORT --key KEYFILE`: the verifier by itself, for anyone.

In: an export and a file with the verifier key. Out: a line (or JSON) and an exit code: 0 the
evidence holds, 1 it does not and why, 2 wrong usage. It never writes a file.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from audit.checkpoint import time_text
from audit.errors import KeyUnreadable, VerificationFailed
from audit.verify import Verified, verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        verified = verify(chosen.export, _key_text(chosen.key))
    except VerificationFailed as fault:
        answer = {"verified": False, "error": type(fault).__name__, "entry": fault.index}
        _say({**answer, "message": str(fault)}, f"NOT VERIFIED: {fault}", chosen.json)
        return 1
    _say({"verified": True, **_report(verified)}, _sentence(verified), chosen.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audit", description="Check an audit log.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("verify", help="check every byte of an export")
    command.add_argument("export", type=Path, help="folder or file of the export")
    command.add_argument("--key", type=Path, required=True, help="file with the verifier key")
    command.add_argument("--json", action="store_true", help="answer as JSON")
    return parser


def _key_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnreadable("the key file cannot be read") from error


def _report(verified: Verified) -> dict[str, str | int]:
    return {
        "origin": verified.origin,
        "size": verified.size,
        "root_hash": verified.root_hash.hex(),
        "checkpointed_at": time_text(verified.checkpointed_at),
        "entries": verified.entries,
    }


def _sentence(verified: Verified) -> str:
    text = (
        f"VERIFIED: {verified.size} entries of {verified.origin}, signed at "
        f"{time_text(verified.checkpointed_at)}, root {verified.root_hash.hex()}"
    )
    unsigned = verified.entries - verified.size
    return f"{text}; {unsigned} later entries are not signed yet" if unsigned else text


def _say(answer: dict[str, object], sentence: str, as_json: bool) -> None:
    sys.stdout.write((json.dumps(answer) if as_json else sentence) + "\n")


if __name__ == "__main__":
    sys.exit(main())
