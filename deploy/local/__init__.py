"""Run the product on one machine: process supervisor, box of engines, ports and state files."""
