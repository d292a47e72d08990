"""YAML 1.2 text -> plain dicts, lists and scalars, refusing what would make two readers disagree.

Refused, each with path and line: duplicate keys, keys that are not text, anchors and aliases, merge keys,
tags, numbers in any form but plain decimal. Dates stay text: the YAML 1.2 core schema has no dates. Never
constructs a Python object other than dict, list, str, int, float, bool, None.
"""

from __future__ import annotations

import math
import re
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from policies.faults import Fault, ProtocolInvalid

MAX_BYTES: Final = 1_000_000
_CORE: Final = "tag:yaml.org,2002:"
_INT: Final = re.compile(r"^-?(0|[1-9][0-9]{0,14})$")
_FLOAT: Final = re.compile(r"^-?(0|[1-9][0-9]*)\.[0-9]+$")


class Document:
    """The plain content of a document, and the line on which each path stands."""

    def __init__(self, content: object, lines: dict[str, int]) -> None:
        self.content = content
        self.lines = lines


def parse(text: str | bytes) -> Document:
    """Read one YAML document.

    Raises ProtocolInvalid with every fault found.
    """
    if len(text) > MAX_BYTES:
        raise ProtocolInvalid([Fault("", "too_large", f"keep it under {MAX_BYTES} bytes")])
    walk = _Walk()
    content = walk.visit(_compose(text), "")
    if walk.faults:
        raise ProtocolInvalid(walk.faults)
    return Document(content, walk.lines)


def _compose(text: str | bytes) -> Node:
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ProtocolInvalid([Fault("", "not_yaml", "mend the YAML at this line", line)]) from None
    except (YAMLError, RecursionError, ValueError):
        fix = "save it as one UTF-8 YAML 1.2 document without control characters or deep nesting"
        raise ProtocolInvalid([Fault("", "not_yaml", fix)]) from None
    if node is None:
        raise ProtocolInvalid([Fault("", "empty", "write the protocol into the file")])
    return node


class _Walk:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.lines: dict[str, int] = {}

    def visit(self, node: Node, path: str) -> object:
        self.lines[path] = node.start_mark.line + 1
        if node.anchor:
            # An alias can make one line mean many, and a small file enormous.
            self._fault(node, path, "anchor", "write the value out in each place")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            self._plain_tag(node, path, "seq")
            return [self.visit(item, f"{path}[{n}]") for n, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._fault(node, path, "unknown_node", "use maps, lists and plain values only")
        return None

    def _mapping(self, node: MappingNode, path: str) -> dict[str, object]:
        self._plain_tag(node, path, "map")
        found: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag != f"{_CORE}str" or key.anchor:
                self._fault(key, path, "key_not_text", "write the key as a plain word")
                continue
            inner = f"{path}.{key.value}" if path else key.value
            if key.value in found:
                self._fault(key, inner, "duplicate_key", "keep one of the two")
            found[key.value] = self.visit(value, inner)
        return found

    def _scalar(self, node: ScalarNode, path: str) -> object:
        kind = str(node.tag).removeprefix(_CORE)
        if kind in {"str", "timestamp"}:
            return node.value
        if kind == "null":
            return None
        if kind == "bool":
            return node.value.lower() == "true"
        if kind == "int" and _INT.match(node.value):
            return int(node.value)
        if kind == "float" and _FLOAT.match(node.value) and math.isfinite(float(node.value)):
            return float(node.value)
        if kind in {"int", "float"}:
            self._fault(node, path, "number_form", "write a plain decimal number")
        else:
            self._fault(node, path, "tag", "remove the tag")
        return None

    def _plain_tag(self, node: Node, path: str, kind: str) -> None:
        if node.tag != f"{_CORE}{kind}":
            self._fault(node, path, "tag", "remove the tag")

    def _fault(self, node: Node, path: str, rule: str, fix: str) -> None:
        self.faults.append(Fault(path, rule, fix, node.start_mark.line + 1))
