"""Load measurement, and the load shedding that follows from it."""
