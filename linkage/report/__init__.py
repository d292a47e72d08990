"""The report of a linkage run: one JSON document, and a page made from it that needs nothing else."""

from linkage.report.document import SCHEMA, report_document
from linkage.report.page import report_page

__all__ = ["SCHEMA", "report_document", "report_page"]
