"""`python -m conformance.cli` is `diem`."""

from conformance.cli import main

if __name__ == "__main__":
    main()
