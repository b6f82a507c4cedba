"""A configuration file: the words of the command line in TOML, checked as strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from taoxi.cli.params import Size, word_of
from taoxi.corpus.options import UsageError

NOT_KEYS = frozenset({"config", "help"})
"""Options that mean nothing in a file."""

SHOWN = 60
"""Characters of a wrong value that a message repeats: enough to find it, too few to flood a terminal."""

NEAR = 0.5
"""Likeness (difflib) from which a key counts as meant: ``field`` finds ``text-field``, ``foo`` finds nothing."""

_KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    Size: ((int, str), 'a number of bytes or a size such as "256MB"'),
    type(click.INT): ((int,), "a whole number such as 4"),
    type(click.FLOAT): ((int, float), "a number such as 0.7"),
}


def callback(ctx: click.Context, _param: click.Parameter, path: str | None) -> str | None:
    """Make the values of the file ``path`` the defaults of the command, so that the command line wins over them."""
    if path is not None:
        ctx.default_map = load(path, ctx)
    return path


def load(path: str, ctx: click.Context) -> dict[str, Any]:
    """Return the values of the file ``path`` by parameter name, for the command of ``ctx``.

    Raises:
        UsageError: if the file cannot be read, is not TOML, or holds an unknown key or a wrong value.
    """
    params = keys(ctx.command)
    values: dict[str, Any] = {}
    for key, value in _parse(path).items():
        if key not in params:
            raise UsageError(f"{path}: {_unknown(key, params)}. Correct or remove it and run again.")
        fault = _fault(params[key], value, ctx)
        if fault is not None:
            raise UsageError(f"{path}: {key} {fault}. Correct it and run again.")
        values[params[key].name or key] = value
    return values


def keys(command: click.Command) -> dict[str, click.Parameter]:
    """Return the parameters of ``command`` that a file may set, by their key."""
    return {word_of(param): param for param in command.params if word_of(param) not in NOT_KEYS}


def _parse(path: str) -> dict[str, Any]:
    """Return the table of the file ``path``."""
    import tomllib

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the path is shown as it was given
            return tomllib.load(file)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}. Give --config a TOML file that can be read.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: This is not UTF-8, as TOML must be. Save it as UTF-8 and run again.") from error
    except ValueError as error:  # tomllib's own error, or a number that is too long for int()
        raise UsageError(f"{path}: This is not TOML: {error}. Correct that place and run again.") from error


def _unknown(key: str, params: Mapping[str, click.Parameter]) -> str:
    """Return what is wrong with a key that does not exist, with the nearest one that does."""
    import difflib

    near = difflib.get_close_matches(key.replace("_", "-"), params, n=1, cutoff=NEAR)
    if near:
        return f'There is no key "{key}"; the nearest is {near[0]}'
    shown = [word for word, param in params.items() if not getattr(param, "hidden", False)]
    return f'There is no key "{key}"; the keys are {", ".join(shown)}'


def _fault(param: click.Parameter, value: object, ctx: click.Context) -> str | None:
    """Return what is wrong with the value of a parameter, or None."""
    types, expected = kind(param)
    if isinstance(value, bool) and bool not in types:  # Python counts true as a whole number
        return f"must be {expected}, not {_shown(value)}"
    if not isinstance(value, types) or (isinstance(value, list) and not all(isinstance(item, str) for item in value)):
        return f"must be {expected}, not {_shown(value)}"
    try:
        param.type_cast_value(ctx, value)
    except click.BadParameter as error:
        return f"has a wrong value: {error.message.rstrip('.')}"
    return None


def kind(param: click.Parameter) -> tuple[tuple[type, ...], str]:
    """Return the types that the value of a parameter may have in TOML, and their name for a person."""
    if param.nargs == -1:
        return (list,), 'an array of strings such as ["dumps"]'
    if param.multiple:
        return (list,), 'an array of words such as ["related"]'
    if isinstance(param, click.Option) and param.is_flag:
        return (bool,), "true or false"
    if isinstance(param.type, click.Choice):
        return (str,), f"one of {', '.join(param.type.choices)}"
    return _KINDS.get(type(param.type), ((str,), "a string in quotes"))


def _shown(value: object) -> str:
    """Return a value about as it stands in the file."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, str):
        value = f'"{value}"'
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
