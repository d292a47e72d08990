"""Strict YAML 1.2 reading: text in, plain lists and mappings out. Never a tag, an alias or a key twice."""

from __future__ import annotations

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent


class YamlFaulty(ValueError):
    """The text is not the strict YAML that is read here; the message gives the line, never the content."""


def read_yaml(text: str) -> object:
    """The document as plain values. Raises `YamlFaulty` with the line."""
    try:
        has_alias = any(isinstance(e, AliasEvent) for e in YAML(typ="safe", pure=True).parse(text))
        body = None if has_alias else YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark else ""
        raise YamlFaulty(f"not valid YAML{where}") from None
    if has_alias:
        # An alias can blow a short text up beyond measure (the "billion laughs").
        raise YamlFaulty("aliases are not read")
    return body
