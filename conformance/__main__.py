"""``python -m dui_conformance``."""

from .cli.main import main

main()
