"""Only what pyproject.toml cannot say: four top-level folders are installed as one import package."""

from setuptools import find_packages, setup

ROOTS = {
    "dui_conformance": "conformance",
    "dui_conformance.mocks": "mocks",
    "dui_conformance.reports": "reports",
    "dui_conformance.fixtures": "fixtures",
}

KINDS = ("toml", "csv", "json", "gz", "xsd", "html", "css", "js", "typ", "ini", "txt")

setup(
    packages=[name for root, folder in ROOTS.items() for name in (root, *(f"{root}.{sub}" for sub in find_packages(folder)))],
    package_data={"": [*(f"**/*.{kind}" for kind in KINDS), "py.typed"]},
)
