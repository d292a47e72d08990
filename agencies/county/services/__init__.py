"""What services recorded: one module per agency, each turning needs into canonical rows that name a person by number."""
