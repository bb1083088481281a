"""Docker Compose, generated from the process table; these files have not been run on a Docker engine."""
