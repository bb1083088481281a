"""The product on one machine: the process manager, the box of engines, ports, state files."""
