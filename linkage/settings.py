"""What a linkage run may be told: thresholds, seed, limits and the family rule. All JSON-able.

Values are checked when settings are made, so that a run never fails half-way on one of them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from linkage.errors import SettingsInvalid
from linkage.families import FamilyRule

ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class LinkageSettings:
    """Parameters of one linkage run.

    Attributes:
        link_at: probability from which two records are linked (0.5 to 1); None has it chosen by the
            model from its own scores (see `threshold`).
        seed: seed of every random sample; person and family ids do not depend on it.
        u_pairs: random pairs from which chance agreement (u) is estimated.
        assumed_recall: share of true pairs that the strict rules find; where the prior starts from
            (see `prior`).
        largest_person: a person with more entries than this is flagged, not split.
        widest_rule: pairs that one blocking rule may compare; its largest blocks are passed over
            (see `crowds`), and a rule that is still wider is left out. Both are named.
        most_pairs: pairs that all blocking rules together may compare, counted rule by rule; each needs
            up to 140 bytes of `memory_mb`.
        engine: where records are compared: `duckdb` (in this process) or `spark` (extra `spark`).
        memory_mb, threads: limits of the linkage engine on this machine.
        family: parameters of the family rule.
        model: a model trained earlier (`LinkageResult.parameters["model"]`), used as it is.
    """

    link_at: float | None = None
    seed: int = 20_260_401
    u_pairs: int = 2_000_000
    assumed_recall: float = 0.6
    largest_person: int = 25
    widest_rule: int = 50_000_000
    most_pairs: int = 15_000_000
    engine: str = "duckdb"
    memory_mb: int = 4096
    threads: int = 2
    family: FamilyRule = field(default_factory=FamilyRule)
    model: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        link_at = 0.5 if self.link_at is None else self.link_at
        if not 0.5 <= link_at < 1 or not 0 < self.assumed_recall <= 1:
            raise SettingsInvalid("A probability of the linkage settings is out of range")
        if self.engine not in ENGINES:
            raise SettingsInvalid(f"The linkage engine is not one of {', '.join(ENGINES)}")
        pairs = (self.u_pairs, self.widest_rule, self.most_pairs)
        if min(*pairs, self.largest_person, self.memory_mb, self.threads) < 1:
            raise SettingsInvalid("A limit of the linkage settings is below 1")

    def to_dict(self) -> dict[str, Any]:
        """All parameters except the model, as JSON-able values."""
        return {name: value for name, value in asdict(self).items() if name != "model"}
