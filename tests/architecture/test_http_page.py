"""The page about the HTTP interface names every address of the application, and no other."""

import re
from pathlib import Path

from fastapi import FastAPI

from gateway.api import router

title = "The HTTP page is the interface"

PAGE = Path(__file__).resolve().parents[2] / "docs" / "http.md"


def offered() -> set[str]:
    """`GET /v1/releases` and so on, from the OpenAPI document of the routes."""
    app = FastAPI()
    app.include_router(router)
    paths = app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} | {
        f"GET {app.openapi_url}"
    }


def test_every_address_is_on_the_page_and_every_one_on_the_page_exists() -> None:
    rows = re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(rows) == sorted(offered())
