"""The HTTP application: routes, problem documents, traces. In: a wired gateway; out: an ASGI application."""

from gateway.app.factory import create_app

__all__ = ["create_app"]
