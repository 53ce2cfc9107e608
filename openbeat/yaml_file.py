"""Reading a YAML file into a Pydantic model, so that what is wrong is told by file and line.

What the models mean belongs with the models.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from openbeat.errors import InputError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)
_ERRORS_SHOWN: Final = 5


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster


class _Loader(_SafeLoader):  # type: ignore[misc]
    """YAML in which only true and false are booleans, and a date is the text it is written as.

    Plain YAML 1.1 would turn the labels Yes, No and On into booleans.
    """


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, test)
        for tag, test in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"), list("tfTF")
)


def read_model(path: Path, model: type[Model]) -> Model:
    """Read a YAML file into a model.

    Args:
        path: The file, UTF-8.
        model: What the file must hold.

    Raises:
        InputError: The file cannot be read, is not YAML, repeats a key, or does not fit the model;
            names the file and the line.
    """
    node, value = read_yaml(path)
    if node is None:
        raise InputError("is empty", file=path.name)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _input_error(error, node, path.name) from None


def read_yaml(path: Path) -> tuple[yaml.Node | None, Any]:
    """Read a YAML file without a model.

    Args:
        path: The file, UTF-8.

    Returns:
        Its nodes, for ``fault_place``, and its value; both None where it is empty.

    Raises:
        InputError: The file cannot be read, is not YAML or repeats a key; names the file and the
            line.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path.name) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text: {error.reason}", file=path.name) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"is not YAML: {getattr(error, 'problem', error)}",
            file=path.name,
            row=None if mark is None else mark.line + 1,
        ) from None
    if node is None:
        return None, None
    _refuse_repeated_keys(node, path.name)
    loader = _Loader("")
    try:
        return node, loader.construct_document(node)
    except yaml.constructor.ConstructorError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise InputError(f"is not plain YAML: {error.problem}", file=path.name, row=line) from None
    finally:
        loader.dispose()


def _input_error(error: ValidationError, node: yaml.Node, file: str) -> InputError:
    """The first fault with its line; further faults, each with its own, follow in the message."""
    # Pydantic tells one fault of a value that may be of several types once for each type.
    faults = {fault_place(fault, node): _words(fault) for fault in reversed(error.errors())}
    told = [
        (line, f"{name}: {words}" if name else words)
        for (line, name), words in reversed(faults.items())
    ]
    (first, message), others = told[0], told[1:]
    for line, words in others[: _ERRORS_SHOWN - 1]:
        message += f"; line {line}: {words}"
    if len(told) > _ERRORS_SHOWN:
        message += f"; and {len(told) - _ERRORS_SHOWN} more"
    return InputError(message, file=file, row=first)


def _words(fault: ErrorDetails) -> str:
    """What is wrong, in words that fit after the name of the place."""
    plain = {"extra_forbidden": "is not known here", "missing": "is missing"}
    return plain.get(fault["type"], fault["msg"].removeprefix("Value error, "))


def fault_place(fault: ErrorDetails, node: yaml.Node) -> tuple[int, str]:
    """The line of the deepest node that a fault's place leads to, and the keys on the way.

    A model's own check of how its parts go together gives the rest of the way as ``at``.
    """
    line = node.start_mark.line
    keys = []
    for part in (*fault["loc"], *fault.get("ctx", {}).get("at", ())):
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            keys.append(str(part))
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
    return line + 1, ".".join(keys)


def _refuse_repeated_keys(node: yaml.Node, file: str) -> None:
    """Plain YAML keeps the last of two equal keys and says nothing."""
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(child, file)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                line = key.start_mark.line + 1
                raise InputError(f"{key.value} is given twice", file=file, row=line)
            seen.add(str(key.value))
            _refuse_repeated_keys(value, file)
