"""Splink says nothing: its log would quote SQL, parameters and, in errors, values."""

# Above every level that exists.
_SILENT = 1000


def silence_splink() -> None:
    """Switch Splink's log off for this process."""
    from splink.logging import enable

    enable(_SILENT)
