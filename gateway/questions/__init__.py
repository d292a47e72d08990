"""The questions that may be asked: the registered catalogue, and a question held against it.

In: YAML or JSON. Out: a canonical `Question` with a digest, or `QuestionRefused`. Knows no data and no policy.
"""

from .catalogue import Catalogue, Cohort, load_catalogue, shipped_catalogue
from .faults import CatalogueFaulty, Fault, QuestionRefused
from .period import Period
from .question import Question

__all__ = [
    "Catalogue",
    "CatalogueFaulty",
    "Cohort",
    "Fault",
    "Period",
    "Question",
    "QuestionRefused",
    "load_catalogue",
    "shipped_catalogue",
]
