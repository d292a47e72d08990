"""The Families Data Gateway: the application that wires agencies, linkage, policies and audit."""
