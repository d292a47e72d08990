"""Entrance of the command `gateway`: no crash dump may leave memory, then the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line with core dumps off."""
    _forbid_core_dumps()
    from gateway.cli import run

    sys.exit(run(sys.argv[1:]))


def _forbid_core_dumps() -> None:
    # A core file would hold identifiers and keys; platforms without the limit have no core files to forbid.
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
