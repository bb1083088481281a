"""Test doubles, contract suites and the simulation for the kernel and for the services built on it."""
