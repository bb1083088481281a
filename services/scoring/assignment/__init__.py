"""Who judges what: the solver, anchor entries, conflicts of interest."""
