"""Who is calling: a bearer credential in, an actor with role and agency out, or a refusal on record."""

from gateway.auth.bearer import NotAuthenticated, authenticate

__all__ = ["NotAuthenticated", "authenticate"]
