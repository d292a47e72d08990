"""Tokens a second on one core, beside OpenSSL's own HMAC-SHA256 on this machine in the same run.

In: nothing. Out: tokens a second of `Pseudonymiser`, of Python's `hmac`, and of `openssl speed` on 16 bytes. Ours counts all it takes from
a column of text to a column of 64-bit tokens; OpenSSL hashes one buffer again and again.
"""

from __future__ import annotations

import hmac
import os
import re
import shutil
import subprocess
import time

import polars as pl

from benchmarks.apart import run_apart

VALUES = 1_000_000
TURNS = 5
Figures = dict[str, float]


def measure() -> dict[str, float | None]:
    """Tokens a second and a core, best of the turns."""
    return {"values": VALUES, **run_apart(ours), "openssl_per_s": openssl()}


def ours() -> Figures:
    """The product's own maker, and the standard library's as most would write it; CPU seconds."""
    from linkage.tokens import LinkageKey

    values = pl.Series([f"NAME{number}" for number in range(VALUES)])
    keyed = LinkageKey(os.urandom(32)).pseudonymiser("name", "exact")
    plain, key = values.to_list(), os.urandom(32)
    return {
        "tokens_per_s": VALUES / min(_cpu(lambda: keyed.tokens(values)) for _ in range(TURNS)),
        "stdlib_per_s": VALUES
        / _cpu(lambda: [hmac.digest(key, value.encode(), "sha256") for value in plain]),
    }


def _cpu(work: object) -> float:
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def openssl() -> float | None:
    """What `openssl speed` says, or None where it is not installed."""
    program = shutil.which("openssl")
    if program is None:
        return None
    asked = [program, "speed", "-hmac", "sha256", "-bytes", "16", "-seconds", "1"]
    said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    found = re.search(r"hmac\(sha256\)\s+([0-9.]+)k", said)
    return float(found[1]) * 1000 / 16 if found else None


if __name__ == "__main__":
    print(measure())
