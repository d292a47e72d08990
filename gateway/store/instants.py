"""The clock the store is given, and the one it uses when it is given none."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
