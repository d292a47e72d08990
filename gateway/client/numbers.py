"""An agency's side of oblivious tokens: blinded numbers to the gateway and back. In: elements; out: the answer to them.

No number passes here: what is sent is blinded before, and what comes back is checked by whoever asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.client.http import Gateway
from linkage.oprf import Evaluation


def asking(
    gateway: Gateway, agency: str, dataset: str, attested_on: str | None = None
) -> Callable[[str, Sequence[bytes]], Evaluation]:
    """What `linkage.tokens.oblivious.ObliviousNumbers` asks with. It raises GatewayRefused."""
    query = {"agency": agency, "dataset": dataset}
    if attested_on:
        query["attested_on"] = attested_on

    def ask(number: str, elements: Sequence[bytes]) -> Evaluation:
        body = {"number": number, "elements": [element.hex() for element in elements]}
        told = gateway.call("POST", "/v1/oprf", params=query, json=body)
        return Evaluation(
            tuple(bytes.fromhex(element) for element in told["elements"]),
            bytes.fromhex(told["proof"]),
        )

    return ask
