"""`python -m katy` is the command `katy`."""

from katy.cli import main

if __name__ == "__main__":
    main()
