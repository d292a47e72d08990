"""What happened, kept so that it cannot be quietly changed."""
