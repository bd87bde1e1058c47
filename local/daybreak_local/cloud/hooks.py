"""The one way in which the local cloud changes ministack: a named function is replaced, after a check that
it is there.

ministack is pinned, not forked. When an upgrade renames or reshapes something that is patched here, the
start fails with the name of it, instead of a loop that quietly runs on the emulator's own behaviour.
"""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

_ADVICE = (
    "The local cloud was written for ministack 1.5.33: adapt daybreak_local/cloud to the installed version, "
    "or pin 1.5.33 again."
)


class HookError(Exception):
    """ministack no longer has what the local cloud patches."""


def replace(module: ModuleType, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Replaces the function `module.name` by `make(original)`, which must take the same parameters."""
    original = getattr(module, name, None)
    if not callable(original):
        raise HookError(f"{module.__name__} has no function {name} any more. {_ADVICE}")
    replacement = make(original)
    expected, found = _parameters(replacement), _parameters(original)
    if expected != found:
        raise HookError(
            f"{module.__name__}.{name} takes ({', '.join(found)}), "
            f"the local cloud expects ({', '.join(expected)}). {_ADVICE}"
        )
    setattr(module, name, replacement)


def require(module: ModuleType, *names: str) -> None:
    """Checks that attributes which are used, but not replaced, still exist."""
    missing = [name for name in names if not hasattr(module, name)]
    if missing:
        raise HookError(f"{module.__name__} has no {', '.join(missing)} any more. {_ADVICE}")


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)
