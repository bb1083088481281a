"""A rehearsal of a whole campaign in memory: invented units, voters and judges, and the deciders of all services."""
