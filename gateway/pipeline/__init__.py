"""The use cases, one short file each: ingest, link, answer, quality. They conduct; the libraries do the work.

Raw identifiers pass through `ingest` alone, unprotected figures through `answer` alone.
"""
