"""What the commands share: options, the settings that they read, and how an error becomes a French line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ..core.errors import HarnessError, InputError
from ..core.settings import SECTEURS, Settings, load_settings

CONFIG = "dui.toml"
EXISTING = click.Path(exists=True, path_type=Path)


def guarded(function: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the product's errors into a French line and an exit code."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = function(*args, **kwargs)
        except InputError as error:
            click.echo(f"Erreur : {error}", err=True)
            code = 2
        except HarnessError as error:
            click.echo(f"Erreur du harnais : {error}", err=True)
            code = 3
        except KeyboardInterrupt:
            click.echo("Interrompu. « dui-conformance run --reprendre » continue cette campagne.", err=True)
            code = 3
        sys.exit(code or 0)

    return run


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--config``: dui.toml of this folder when there is one, else the reference DUI's settings."""
    return click.option("--config", type=click.Path(path_type=Path), help=f"Réglages du DUI (défaut : ./{CONFIG} s'il existe).")(
        command
    )


def format_option(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--format``."""
    return click.option("--format", "form", type=click.Choice(formats), default=formats[0], show_default=True)


def settings_of(config: Path | None) -> Settings:
    """The settings to use; raises ``InputError``."""
    if config is None:
        default = Path(CONFIG)
        return load_settings(default) if default.is_file() else Settings()
    return load_settings(config)


def project_of(config: Path | None) -> Path:
    """The project folder: where dui.toml is, else the current one."""
    return config.resolve().parent if config is not None else Path.cwd()


def sectors_of(text: str) -> tuple[str, ...]:
    """Sectors from ``PA,PHO``; raises ``InputError``."""
    names = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    for name in names:
        if name not in SECTEURS:
            raise InputError(f"--secteurs : secteur inconnu « {name} ». Acceptés : {', '.join(SECTEURS)}.")
    return names
