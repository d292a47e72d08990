"""The command line. In: words and files; out: tables for people or one JSON document, and an exit code.

0 done, 1 refused or failed with a reason, 2 wrong usage. Never prints a value of a record, nor a traceback with one.
"""

from gateway.cli.run import run

__all__ = ["run"]
