"""What must hold: table contracts (YAML), the suites made from them, and their judgement."""
