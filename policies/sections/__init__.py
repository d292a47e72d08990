"""The sections of a protocol document (schema isp/v1), one module for each group of clauses."""
