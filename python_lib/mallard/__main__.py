"""`python -m mallard` is the command `mallard`."""

from mallard.cli import main

main(prog_name="mallard")
