"""Peers on historical persons: Splink on the names themselves, as published, and tuned with our blocking.

Goes in: records. Come out: scored pairs of rows. The tuned model has our rules of blocking, names apart, crossed-over names,
edit distances in place of neighbour sets, and term frequencies; its levels were chosen on the half that figures are not
reported on.
"""

from typing import Any

import polars as pl

from benchmarks.historical import PEERS_LINK_AT, SEED, Linked, blocked, of_rows


def published(records: pl.DataFrame) -> Linked:
    """Splink's example 'Linking a dataset of real historical persons', settings as published."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    named = records.drop("unique_id").rename({"row": "unique_id"})
    whole_name = pl.col("first_name") + " " + pl.col("surname")
    named = named.with_columns(first_name_surname_concat=whole_name)
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _PUBLISHED_BLOCKING],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name",
                "surname",
                forename_surname_concat_col_name="first_name_surname_concat",
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )
    linker = Linker(DuckDBAPI().register(named.to_arrow()), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in _PUBLISHED_STRICT], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=1e7, seed=SEED)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    return Linked(
        _predicted(linker).select(l="unique_id_l", r="unique_id_r", w="match_weight"), PEERS_LINK_AT
    )


_PUBLISHED_BLOCKING = (
    ("substr(first_name,1,3)", "substr(surname,1,4)"),
    ("surname", "dob"),
    ("first_name", "dob"),
    ("postcode_fake", "first_name"),
    ("postcode_fake", "surname"),
    ("dob", "birth_place"),
    ("substr(postcode_fake,1,3)", "dob"),
    ("substr(postcode_fake,1,3)", "first_name"),
    ("substr(postcode_fake,1,3)", "surname"),
    ("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
)
_PUBLISHED_STRICT = (
    ("first_name", "surname", "dob"),
    ("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
    ("dob", "postcode_fake"),
)


def tuned(records: pl.DataFrame) -> Linked:
    """The best plaintext model that we found, on the pairs that our blocking brings together.

    Blocking needs our tokens; that they are made for it is in its seconds.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    profiles, model = blocked(records)
    rows = profiles.members.select("entry", "profile", row=pl.col("record").cast(pl.UInt32))
    values = records.select("row", *_PLAIN).join(rows.unique("profile", keep="first"), on="row")
    named = profiles.frame.join(values.drop("entry"), left_on="unique_id", right_on="profile")
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=list(model.blocking),
        comparisons=_tuned_comparisons(),
    )
    linker = Linker(DuckDBAPI().register(named.to_arrow()), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in _TUNED_STRICT], recall=0.6
    )
    training.estimate_u_using_random_sampling(max_pairs=2e6, seed=SEED)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    entries = named.select("unique_id", "entry")
    pairs = (
        _predicted(linker)
        .join(entries.rename({"entry": "entry_l"}), left_on="unique_id_l", right_on="unique_id")
        .join(entries.rename({"entry": "entry_r"}), left_on="unique_id_r", right_on="unique_id")
        .select("entry_l", "entry_r", w="match_weight")
    )
    return Linked(of_rows(pairs, rows.select("entry", "row")), PEERS_LINK_AT)


_PLAIN = ("first_name", "surname", "dob", "postcode_fake", "birth_place", "occupation", "gender")
_TUNED_STRICT = (
    ("first_name", "surname", "dob"),
    ("dob", "postcode_fake"),
    ("first_name", "surname", "postcode_fake"),
)


def _tuned_comparisons() -> list[Any]:
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    year = cll.CustomLevel("substr(dob_l, 1, 4) = substr(dob_r, 1, 4)", label_for_charts="year")
    postcode = [cll.LevenshteinLevel("postcode_fake", edits) for edits in (1, 2)]
    return [
        _name("first_name", "surname"),
        _name("surname", "first_name"),
        _graded("dob", [*(cll.DamerauLevenshteinLevel("dob", edits) for edits in (1, 2)), year]),
        _graded("postcode_fake", postcode),
        _graded("birth_place", [cll.JaroWinklerLevel("birth_place", 0.9)]),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        cl.ExactMatch("gender"),
    ]


def _name(name: str, other: str) -> Any:
    import splink.comparison_level_library as cll

    crossed = f"{name}_l = {other}_r OR {name}_r = {other}_l"
    alike = [cll.JaroWinklerLevel(name, score) for score in (0.92, 0.88, 0.7)]
    edit, swapped = cll.DamerauLevenshteinLevel(name, 1), cll.CustomLevel(crossed)
    return _graded(name, [edit, *alike, swapped])


def _graded(name: str, levels: list[Any]) -> Any:
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    exact = cll.ExactMatchLevel(name).configure(tf_adjustment_column=name)
    return cl.CustomComparison(
        output_column_name=name,
        comparison_levels=[cll.NullLevel(name), exact, *levels, cll.ElseLevel()],
    )


def _predicted(linker: Any) -> pl.DataFrame:
    predictions = linker.inference.predict(warning_mode="never").as_pyarrow_table()
    return pl.DataFrame(pl.from_arrow(predictions))
