"""The derived keys of the fields that one dataset has, without the secret they come from.

In: a linkage key and identifier roles. Out: what tokenises those roles and no others, to be delivered to an agency that
tokenises at its own site. A check value tells two keys apart without showing either. Never shows a key.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping

from linkage.errors import IdentifiersInvalid, LinkageKeyInvalid
from linkage.tokens.fields import Field, Level, field_of
from linkage.tokens.keys import SECRET_BYTES, LinkageKey, Pseudonymiser

# Begins with a control character, which no standard value holds: no check value is ever a token.
_CHECK_LABEL = b"\x1efamilies-data-gateway/key-check/v1"


class LevelKeys(LinkageKey):
    """Keys by `<key family>/<level>`, 32 bytes each; any other field or level is refused.

    A subclass may take the tokens of one level from elsewhere by answering `pseudonymiser` for it
    with an object that makes tokens in another way.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if any(len(key) != SECRET_BYTES for key in keys.values()):
            raise LinkageKeyInvalid(f"A key of a field and level has {SECRET_BYTES} bytes")
        self._keys = dict(keys)

    @classmethod
    def of(cls, key: LinkageKey, roles: Iterable[str]) -> "LevelKeys":
        """The keys that these roles need. Raises IdentifiersInvalid for a role that is not declared."""
        needed = {_name(f, level): (f.key, level.name) for f, level in levels_of(roles)}
        return cls({name: key.level_key(*pair) for name, pair in sorted(needed.items())})

    def __repr__(self) -> str:
        return f"LevelKeys({len(self._keys)} keys withheld)"

    def level_key(self, field: str, level: str) -> bytes:
        """The key of one field and level. Raises LinkageKeyInvalid when it was not delivered."""
        key = self._keys.get(f"{field}/{level}")
        if key is None:
            raise LinkageKeyInvalid(f"There is no key for {field}/{level}")
        return key

    def pseudonymiser(self, field: str, level: str) -> Pseudonymiser:
        """The key of one field and level, ready for use."""
        return Pseudonymiser(self.level_key(field, level))

    def delivered(self) -> dict[str, bytes]:
        """The keys themselves, for the package that they are sealed into and for nothing else."""
        return dict(self._keys)

    def check_values(self) -> dict[str, str]:
        """A value for each key (HMAC-SHA256 of a fixed label, 128 bits, hex) that tells nothing of it."""
        macs = {n: hmac.digest(k, _CHECK_LABEL, "sha256") for n, k in self._keys.items()}
        return {name: mac[:16].hex() for name, mac in macs.items()}


def levels_of(roles: Iterable[str]) -> Iterator[tuple[Field, Level]]:
    """Every level of every role. Raises IdentifiersInvalid for a role that is not declared."""
    for role in roles:
        field = field_of(role)
        if field is None:
            raise IdentifiersInvalid(f"{role} is not a declared identifier role")
        for level in field.levels:
            yield field, level


def _name(field: Field, level: Level) -> str:
    return f"{field.key}/{level.name}"
