"""Identifiers in, keyed token columns out: the last place where an identifier exists.

Nothing here writes to disk, logs, or puts a value into an error. `fields` declares every token.
"""

from linkage.tokens.keys import LinkageKey
from linkage.tokens.tokenise import tokenise, tokenise_profiles

__all__ = ["LinkageKey", "tokenise", "tokenise_profiles"]
