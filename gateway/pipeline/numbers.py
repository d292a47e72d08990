"""National numbers of a linkage domain: tokenised under the linkage key, or by the oblivious function; all or none.

In: blinded elements from an agency, or the submissions of a run. Out: answers that are counted, or NumbersMixed. Sees
elements of a group, never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from agencies.register import Dataset
from audit.detail import band
from gateway.access import Access
from gateway.pipeline.wiring import Wiring
from gateway.store.submission import Submission
from linkage.oprf.keyring import NumberKeys

Number = Literal["nhs_number", "nino", "upn"]
MOST_AT_ONCE: Final = 10_000
KEYED: Final = "keyed"
# Where a submission's report says how its national numbers were tokenised.
SCHEME: Final = "national_numbers"
Element = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class NumbersNotOblivious(Exception):
    """This linkage domain tokenises national numbers under the linkage key."""


class NumberNotDeclared(Exception):
    """The dataset has no such number, so there is nothing to ask about."""


class NumbersMixed(Exception):
    """Some tokens of national numbers were made in another way than this domain's: they would never compare."""


class BlindedNumbers(BaseModel):
    """Blinded numbers of one kind: elements of ristretto255 in hexadecimal."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    number: Number
    elements: list[Element] = Field(min_length=1, max_length=MOST_AT_ONCE)


def number_keys(wiring: Wiring) -> NumberKeys | None:
    """The keys of the oblivious function; None where numbers are tokenised under the linkage key."""
    numbers = wiring.linkage.numbers
    if not numbers.are_oblivious:
        return None
    return NumberKeys.derive(wiring.keys.oprf_seed(wiring.linkage.domain, numbers.epoch))


def scheme(wiring: Wiring) -> str:
    """How this domain tokenises national numbers, in a word that changes with the keys."""
    keys = number_keys(wiring)
    return KEYED if keys is None else f"oblivious/{keys.key_id}"


def said_of(dataset: Dataset, wiring: Wiring) -> dict[str, str]:
    """What the report of a submission says about its national numbers; nothing where it has none."""
    return {SCHEME: scheme(wiring)} if set(get_args(Number)) & dataset.roles.keys() else {}


def public_keys_for(dataset: Dataset, wiring: Wiring) -> dict[str, bytes]:
    """What an agency that tokenises this dataset at its own site checks answers by; empty where it needs none."""
    keys = number_keys(wiring)
    has_numbers = set(get_args(Number)) & dataset.roles.keys()
    return keys.public if keys is not None and has_numbers else {}


def require_one_scheme(submissions: Sequence[Submission], wiring: Wiring) -> None:
    """Raise NumbersMixed, naming the submissions to send again, where tokens would not compare."""
    wanted = scheme(wiring)
    other = [
        each.id
        for each in submissions
        if said_of(wiring.register.dataset(each.agency, each.dataset), wiring)
        and each.report.get(SCHEME, KEYED) != wanted
    ]
    if other:
        raise NumbersMixed(
            f"national numbers are tokenised in another way in {', '.join(sorted(other))}"
        )


def public_keys(wiring: Wiring) -> dict[str, Any]:
    """What an agency checks answers by. Raises NumbersNotOblivious."""
    keys = _require_keys(wiring)
    return {
        "domain": wiring.linkage.domain,
        "epoch": wiring.linkage.numbers.epoch,
        "key_id": keys.key_id,
        "public_keys": {number: key.hex() for number, key in keys.public.items()},
        "at_once": MOST_AT_ONCE,
        "daily_limit": wiring.linkage.numbers.daily_limit,
    }


def answer(
    access: Access, dataset: Dataset, asked: BlindedNumbers, wiring: Wiring
) -> dict[str, Any]:
    """Multiply blinded numbers by the secret key, and prove that it was this key.

    Raises NumbersNotOblivious, NumberNotDeclared, AllowanceSpent or OprfRefused.
    """
    keys = _require_keys(wiring)
    if asked.number not in dataset.roles:
        raise NumberNotDeclared(f"{dataset.agency}/{dataset.name} holds no {asked.number}")
    for name, value in (("kind", "blinded-numbers"), ("item", asked.number)):
        access.note(name, value)
    access.note("rows", band(len(asked.elements)))
    access.note("key_id", keys.key_id)
    # Counted first: an answer that fails on its way is an answer that was asked for.
    left = wiring.store.allowances.take(
        access, len(asked.elements), wiring.linkage.numbers.daily_limit
    )
    made = keys.answer(asked.number, [bytes.fromhex(each) for each in asked.elements])
    return {
        "key_id": keys.key_id,
        "elements": [element.hex() for element in made.elements],
        "proof": made.proof.hex(),
        "left_today": left,
    }


def _require_keys(wiring: Wiring) -> NumberKeys:
    keys = number_keys(wiring)
    if keys is None:
        raise NumbersNotOblivious("this gateway tokenises national numbers under the linkage key")
    return keys
