"""Record linkage on keyed tokens: identifiers in, random person and family ids out."""
