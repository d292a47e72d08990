"""Evaluation tables: measured quality for a person who reads a terminal. Figures go in, tables are printed."""

from rich.console import Console
from rich.table import Table

from linkage.cluster_quality import ClusterQuality
from linkage.evaluate import PairQuality


def print_quality(
    pairs: PairQuality, clusters: ClusterQuality, left_out: dict[str, int], by: str
) -> None:
    """Print pairs, groups, sizes, and what could not be measured."""
    console = Console()
    table = Table(title=f"Pairs: {pairs.found:,} found, {pairs.true:,} true, {pairs.agreed:,} both")
    for column in (by or "", "precision", "recall", "F1"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("all", *_shares(pairs))
    for name, part in sorted(pairs.by_group.items()):
        table.add_row(name, *_shares(part))
    console.print(table)
    console.print(_clusters_table(clusters))
    console.print(_sizes_table(clusters))
    if any(left_out.values()):
        only = ", ".join(f"{count:,} only in {side}" for side, count in left_out.items())
        console.print(f"Not measured, since in one file alone: {only}.")


def _shares(quality: PairQuality) -> list[str]:
    return [
        f"{share:.4f} ({interval.low:.3f}-{interval.high:.3f})"
        for share, interval in (
            (quality.precision, quality.precision_interval),
            (quality.recall, quality.recall_interval),
            (quality.f1, quality.f1_interval),
        )
    ]


def _clusters_table(clusters: ClusterQuality) -> Table:
    title = f"Groups: {clusters.predicted_groups:,} found, {clusters.true_groups:,} true"
    table = Table("measure", "share", title=f"{title}, {clusters.items:,} records")
    low, high = clusters.exact_match_interval
    table.add_row("true groups found exactly", f"{clusters.exact_match:.4f} ({low:.3f}-{high:.3f})")
    table.add_row("found groups exactly true", f"{clusters.exact_precision:.4f}")
    table.add_row("B-cubed precision", f"{clusters.b_cubed_precision:.4f}")
    table.add_row("B-cubed recall", f"{clusters.b_cubed_recall:.4f}")
    table.add_row("B-cubed F1", f"{clusters.b_cubed_f1:.4f}")
    table.add_row("adjusted Rand", f"{clusters.adjusted_rand:.4f}")
    return table


def _sizes_table(clusters: ClusterQuality) -> Table:
    table = Table("records in a group", "found", "true", title="Sizes")
    for size, counts in clusters.sizes.items():
        table.add_row(size, f"{counts['predicted']:,}", f"{counts['true']:,}")
    table.add_row("largest", f"{clusters.largest_predicted:,}", f"{clusters.largest_true:,}")
    return table
