"""Patches functions of ministack, which is pinned, not forked.

If an upgrade renames a patched function or changes its parameters, startup fails with its name instead of
silently falling back to the emulator's own behaviour.
"""

import inspect
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

_ADVICE = (
    "The local cloud was written for ministack 1.5.33: adapt daybreak_local/cloud to the installed version, "
    "or pin 1.5.33 again."
)


class HookError(Exception):
    """ministack no longer has what the local cloud patches."""


def replace(module: ModuleType, name: str, replacement: Callable[..., Any]) -> None:
    """Replaces `module.name`; the replacement must take the same parameters."""
    original = getattr(module, name, None)
    if not callable(original):
        raise HookError(f"{module.__name__} has no function {name} any more. {_ADVICE}")
    expected, found = _parameters(replacement), _parameters(original)
    if expected != found:
        raise HookError(
            f"{module.__name__}.{name} takes ({', '.join(found)}), "
            f"the local cloud expects ({', '.join(expected)}). {_ADVICE}"
        )
    setattr(module, name, replacement)


def wrap(module: ModuleType, name: str, around: Callable[..., Any]) -> None:
    """Replaces `module.name` with `around`, which takes the original and then the same parameters."""
    replace(module, name, partial(around, getattr(module, name, None)))


def edit(module: ModuleType, name: str, replacements: dict[str, str]) -> None:
    """Replaces parts of the text `module.name`, each of which must occur in it once."""
    text = getattr(module, name, "")
    for part, replacement in replacements.items():
        if text.count(part) != 1:
            raise HookError(f"{module.__name__}.{name} no longer contains {part!r}. {_ADVICE}")
        text = text.replace(part, replacement)
    setattr(module, name, text)


def require(module: ModuleType, *names: str) -> None:
    """Raises HookError unless the module has these attributes."""
    missing = [name for name in names if not hasattr(module, name)]
    if missing:
        raise HookError(f"{module.__name__} has no {', '.join(missing)} any more. {_ADVICE}")


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)
