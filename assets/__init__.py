"""What exists: thin Dagster assets, one module a stage, that call ``openbeat``."""
