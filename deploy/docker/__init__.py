"""Docker Compose from the process table; the files here have not been run on a Docker engine."""
