"""Storage: the engine and its rules, the unit of work, column types, the walls of the schema."""
