"""`python -m hub`: the same as the `sayhook` command."""

from hub.cli import main

if __name__ == "__main__":
    main()
