"""The gateway from the outside: send extracts, link, ask, from Python, over HTTP.

In: an address and a credential; out: answers as dictionaries or data frames. Never stores a credential.
"""

from gateway.client.answer import Answer
from gateway.client.http import Gateway, GatewayRefused, JobFailed

__all__ = ["Answer", "Gateway", "GatewayRefused", "JobFailed"]
