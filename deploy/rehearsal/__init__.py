"""A rehearsal of a whole campaign in memory: invented units, voters and judges, real services."""
