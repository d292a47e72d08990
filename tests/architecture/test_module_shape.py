"""What every file of the five packages has in common: a docstring, a size, and no way to fail silently.

Each test collects the offenders of all modules, so that one run names them all.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

title = "Every module says what it is, stays small, and fails by name"

PROJECT = Path(__file__).resolve().parents[2]
LIBRARIES = ("agencies", "linkage", "policies", "audit")
ALL = ("gateway", *LIBRARIES)
FILE_CEILING = 300
FUNCTION_CEILING = 40
OPENING_CEILING = 12
NAMES_WITHOUT_AN_IDEA = {"util", "helper", "manager", "common", "misc", "base"}
BLANKET = {"everything", "Exception", "BaseException"}


def modules(*packages: str) -> dict[str, ast.Module]:
    """Path below the project -> syntax tree, for every module of `packages`."""
    return {
        file.relative_to(PROJECT).as_posix(): tree_of(file)
        for package in packages
        for file in sorted((PROJECT / package).rglob("*.py"))
    }


@cache
def tree_of(file: Path) -> ast.Module:
    """A module's syntax tree, parsed once for all rules."""
    return ast.parse(file.read_text(encoding="utf-8"))


def offenders(
    packages: tuple[str, ...], fault: Callable[[ast.Module], object]
) -> dict[str, object]:
    """The modules in which `fault` finds something, with what it found."""
    found = {name: fault(tree) for name, tree in modules(*packages).items()}
    return {name: what for name, what in found.items() if what}


def nodes(tree: ast.Module, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    """Every node of these kinds, nested ones as well."""
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def lines_of(tree: ast.Module, *kinds: type[ast.AST]) -> list[int]:
    """Line numbers of the nodes of these kinds."""
    return [node.lineno for node in nodes(tree, *kinds)]


def caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of the errors an `except` clause catches; a bare one catches `everything`."""
    if handler.type is None:
        return {"everything"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind).removeprefix("builtins.") for kind in kinds}


def test_a_module_opens_with_what_it_is() -> None:
    assert offenders(ALL, lambda tree: not ast.get_docstring(tree)) == {}


def test_the_opening_is_a_few_lines_and_not_a_manual() -> None:
    def too_long(tree: ast.Module) -> int:
        lines = len((ast.get_docstring(tree) or "").splitlines())
        return lines if lines > OPENING_CEILING else 0

    assert offenders(ALL, too_long) == {}


def test_a_file_over_the_ceiling_holds_two_ideas() -> None:
    lengths = {
        name: len((PROJECT / name).read_text("utf-8").splitlines()) for name in modules(*ALL)
    }

    assert {name: lines for name, lines in lengths.items() if lines > FILE_CEILING} == {}


def test_a_function_fits_on_a_screen() -> None:
    def long_functions(tree: ast.Module) -> list[str]:
        every = nodes(tree, ast.FunctionDef, ast.AsyncFunctionDef)
        return [f.name for f in every if f.end_lineno - f.lineno >= FUNCTION_CEILING]

    assert offenders(ALL, long_functions) == {}


def test_a_guard_is_a_named_error_because_python_can_drop_asserts() -> None:
    assert offenders(ALL, lambda tree: lines_of(tree, ast.Assert)) == {}


def test_a_library_catches_errors_by_name() -> None:
    def blanket_handlers(tree: ast.Module) -> list[int]:
        return [h.lineno for h in nodes(tree, ast.ExceptHandler) if caught(h) & BLANKET]

    assert offenders(LIBRARIES, blanket_handlers) == {}


def test_a_library_prints_nothing() -> None:
    def prints(tree: ast.Module) -> list[int]:
        return [
            c.lineno for c in nodes(tree, ast.Call) if ast.unparse(c.func) in {"print", "pprint"}
        ]

    assert offenders(LIBRARIES, prints) == {}


def test_a_file_is_named_after_an_idea() -> None:
    def words(name: str) -> set[str]:
        return {
            word.rstrip("s")
            for part in Path(name).with_suffix("").parts
            for word in part.split("_")
        }

    assert {name for name in modules(*ALL) if words(name) & NAMES_WITHOUT_AN_IDEA} == set()


def test_a_type_is_named_after_what_it_is() -> None:
    def vague(tree: ast.Module) -> list[str]:
        endings = ("Manager", "Helper", "Utils", "Info")
        return [node.name for node in nodes(tree, ast.ClassDef) if node.name.endswith(endings)]

    assert offenders(ALL, vague) == {}


def test_no_package_is_missing_from_these_rules() -> None:
    assert {package for package in ALL if len(modules(package)) < 5} == set()
