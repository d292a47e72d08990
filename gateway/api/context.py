"""How a route gets the wired gateway and the caller. In: a request; out: both, or 401.

The gateway hangs on the application, not on a module, so that two can live in one process.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from gateway.auth import authenticate
from gateway.bootstrap import Gateway
from policies import Actor

MOST = 2**63 - 1  # what a database can hold as a number


def gateway_of(request: Request) -> Gateway:
    """The gateway that this application serves."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def caller_of(request: Request, gateway: Annotated[Gateway, Depends(gateway_of)]) -> Actor:
    """Who is calling, by the bearer credential."""
    wiring = gateway.wiring
    header = request.headers.get("authorization")
    caller = authenticate(wiring.store, wiring.log, header, wiring.clock().date())
    # For whoever has to put a refusal on record that no door has seen.
    request.state.caller = caller
    return caller


Number = Annotated[int, Path(ge=1, le=MOST)]
Wired = Annotated[Gateway, Depends(gateway_of)]
Caller = Annotated[Actor, Depends(caller_of)]
