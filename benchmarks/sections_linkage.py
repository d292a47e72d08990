"""What the linkage benchmarks say: each one's figures as a section, with the targets it is held to.

In: what a benchmark measured. Out: its section. `make bench-linkage` writes these alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.results import Line, Section
from benchmarks.sections import _at_most, _gigabytes, _seconds, _share

Figures = Mapping[str, Any]
LEAST_F1_OF_FEBRL4 = 0.999
LEAST_F1_OF_FAMILIES = {"10%": 0.99, "25%": 0.975}
MOST_WRONG_MERGES = 0.001
MOST_SECONDS_OF_A_MILLION, MOST_GB_OF_A_MILLION = 90, 4.0
LEAST_TOKENS_A_SECOND = 2_000_000
FIVE_MILLION = 5_000_000
MOST_SECONDS_OF_FIVE_MILLION = 900.0


def febrl4(figures: Figures) -> Section:
    """Two lists of one another's copies."""
    ours, plain, anonlink = (figures[name] for name in ("tokens", "plain_text", "anonlink"))
    peers = [f"{plain['f1']:.4f} (Splink on plain text)"]
    if anonlink:
        peers.append(f"{anonlink['f1_best']:.4f} (clkhash and anonlink)")
    return Section(
        "febrl4",
        "FEBRL4 without its identity numbers",
        "5,000 persons and 5,000 corrupted copies, nothing tuned on them. Ours links on tokens at the threshold it chooses without "
        f"labels ({ours['link_at']:.2f}); the peers have the best threshold of all, which nobody without labels knows.",
        (
            Line(
                "F1",
                f"{ours['f1']:.4f}",
                "; ".join(peers),
                ours["f1"] / plain["f1"],
                f"at least {LEAST_F1_OF_FEBRL4}",
                ours["f1"] >= LEAST_F1_OF_FEBRL4,
            ),
            Line("precision", f"{ours['precision']:.4f}", f"{plain['precision']:.4f}"),
            Line("recall", f"{ours['recall']:.4f}", f"{plain['recall']:.4f}"),
            Line("seconds", f"{ours['seconds']:.1f} s", f"{plain['seconds']:.1f} s"),
        ),
    )


def families(figures: Figures) -> Section:
    """Families under errors of address."""
    lines = [
        line
        for error, least in LEAST_F1_OF_FAMILIES.items()
        for line in _of_error(figures, error, least)
    ]
    return Section(
        "families",
        "Families of a county whose addresses are wrong",
        f"{figures['families']:,} families (mean of seeds {', '.join(map(str, figures['seeds']))}), rule {figures['rule']}, figures of the half of the families that nothing "
        "was tuned on; each family in a home of its own, persons as they truly are, then as linked with one home in fifty shared. "
        "A wrong merge is a found family of persons of two true ones.",
        tuple(lines),
    )


def _of_error(figures: Figures, error: str, least: float) -> list[Line]:
    of, rule = figures[error], figures["rule"]
    apart, exact = of["apart"][rule], of["apart"]["exact address"]
    wrong = apart["wrong_merges"]
    return [
        Line(
            f"{error} wrong: pair F1",
            f"{apart['f1']:.3f}",
            f"{exact['f1']:.3f} (exact address)",
            apart["f1"] / exact["f1"],
            f"at least {least}",
            apart["f1"] >= least,
        ),
        Line(
            f"{error} wrong: wrong merges",
            f"{100 * wrong:.3f} %",
            f"{100 * exact['wrong_merges']:.3f} %",
            target=f"below {100 * MOST_WRONG_MERGES:.1f} %",
            met=wrong < MOST_WRONG_MERGES,
        ),
        Line(
            f"{error} wrong: pair F1, one record a person, no relative named",
            f"{of['one_record_a_person'][rule]['f1']:.3f}",
            f"{of['one_record_a_person']['exact address']['f1']:.3f} (exact address)",
        ),
        Line(
            f"{error} wrong: pair F1 end to end, homes shared",
            f"{of['as_it_is']['end_to_end']['f1']:.3f}",
        ),
    ]


def million(figures: Figures) -> Section:
    """Two lists of a million."""
    ours, plain, ratio = figures["tokens"], figures["plain_text"], figures["ratio"]
    together = ours["seconds"] + figures["families_s"]
    return Section(
        "million",
        "A million persons on each of two lists",
        f"{figures['records']:,} synthetic records (seed {figures['seed']}), tokenised and linked; beside it Splink on the plain "
        "identifiers, same records, same run, each in a process of its own; both are persons, ours groups families as well.",
        (
            Line(
                "tokenised and linked",
                f"{ours['seconds']:.0f} s",
                f"{plain['seconds']:.0f} s (Splink on plain text)",
                ratio,
                f"at most {MOST_SECONDS_OF_A_MILLION} s and 1x",
                ours["seconds"] <= MOST_SECONDS_OF_A_MILLION and ratio <= 1,
            ),
            Line("with families, which the peer does not make", f"{together:.0f} s"),
            Line("of that, tokens", f"{ours['tokenise_s']:.0f} s"),
            *(Line(f"of that, {step}", f"{took:.1f} s") for step, took in ours["steps_s"].items()),
            Line(
                "peak memory",
                f"{ours['peak_gb']:.1f} GB",
                f"{plain['peak_gb']:.1f} GB",
                ours["peak_gb"] / plain["peak_gb"],
                f"at most {MOST_GB_OF_A_MILLION:.0f} GB",
                ours["peak_gb"] <= MOST_GB_OF_A_MILLION,
            ),
            Line("pair F1", f"{ours['f1']:.4f}", f"{plain['f1']:.4f}", ours["f1"] / plain["f1"]),
        ),
    )


def token_rate(figures: Figures) -> Section:
    """Tokens a second."""
    rate, openssl = figures["tokens_per_s"], figures["openssl_per_s"]
    beside = f"{openssl:,.0f} (openssl speed)" if openssl else "openssl is not installed"
    return Section(
        "token_rate",
        "Tokens a second",
        f"{figures['values']:,} distinct names of ten letters, from a column of text to a column of 64-bit tokens, on one core. "
        "OpenSSL hashes one buffer of 16 bytes again and again.",
        (
            Line(
                "tokens a second and core",
                f"{rate:,.0f}",
                beside,
                rate / openssl if openssl else None,
                f"at least {LEAST_TOKENS_A_SECOND:,}",
                rate >= LEAST_TOKENS_A_SECOND,
            ),
            Line("Python's own hmac, value by value", f"{figures['stdlib_per_s']:,.0f}"),
        ),
    )


def scaling(figures: Figures) -> Section:
    """Linkage at growing sizes."""
    sizes = figures["sizes"]
    return Section(
        "scaling",
        "How linkage grows",
        f"Two lists of synthetic persons (seed {figures['seed']}), eight in ten of each known to the other, misspelt, moved and "
        "incomplete; tokenised, linked and put into families, each size in a process of its own. What grows is in docs/scaling.md.",
        tuple(line for size in sizes for line in _size(size)),
    )


def _size(size: Figures) -> tuple[Line, ...]:
    records, seconds = size["records"], size["tokenise_s"] + size["link_s"]
    longest = sorted(size["steps_s"].items(), key=lambda step: -step[1])[:3]
    steps = ", ".join(f"{step} {_seconds(lasting)}" for step, lasting in longest)
    what = f"{records:,} records"
    return (
        _at_most(f"{what}: tokenised and linked", seconds, MOST_SECONDS_OF_FIVE_MILLION, _seconds)
        if records == FIVE_MILLION
        else Line(f"{what}: tokenised and linked", _seconds(seconds)),
        Line(f"{what}: of that, longest", f"tokenise {_seconds(size['tokenise_s'])}, {steps}"),
        Line(f"{what}: peak memory", _gigabytes(size["peak_gb"])),
        Line(f"{what}: pairs compared, per record", f"{size['pairs'] / records:.1f}"),
        Line(f"{what}: pair F1", _share(size["f1"])),
    )


def oprf(figures: Figures) -> Section:
    """Oblivious tokens."""
    peer = f"{figures['hmac_per_second']:,.0f} (HMAC)"
    return Section(
        "oprf",
        "National numbers by an oblivious function",
        f"{figures['numbers']:,} distinct numbers (seed {figures['seed']}), one core, both parties in one process: "
        "ristretto255-SHA512 with proofs (RFC 9497), beside the HMAC tokens of all other fields.",
        (
            Line(
                "numbers a second, raw extract at the gateway",
                f"{figures['raw_extract_per_second']:,.0f}",
                peer,
                figures["raw_extract_times_hmac"],
            ),
            Line(
                "numbers a second, at the agency (blind, check, unblind)",
                f"{figures['agency_per_second']:,.0f}",
            ),
            Line(
                "numbers a second, answered at the gateway", f"{figures['gateway_per_second']:,.0f}"
            ),
            Line("both parties' time beside HMAC", f"{figures['oblivious_times_hmac']:,.0f}x"),
            Line("bytes on the wire for a number", f"{figures['wire_bytes_per_number']:,.0f}"),
        ),
    )


def incremental(figures: Figures) -> Section:
    """What is new, beside everything."""
    return Section(
        "incremental",
        "New records linked without relinking all",
        f"{figures['late']:,} late records of {figures['records']:,}, linked to the run before them, beside a full run.",
        (
            Line(
                "seconds",
                f"{figures['incremental']['seconds']:.1f} s",
                f"{figures['trained_anew']['seconds']:.1f} s (in full)",
                figures["time_ratio"],
            ),
            Line(
                "pair F1 with the full run by the same model", f"{figures['pair_f1_to_full']:.5f}"
            ),
        ),
    )


LINKAGE: dict[str, Callable[[Figures], Section]] = {
    each.__name__: each
    for each in (febrl4, families, million, token_rate, incremental, oprf, scaling)
}
