"""What a question to the Admin API costs, and the bucket it is paid from (shopify.dev, "API limits")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)

MUTATION: Final = 10
_NOT_OBJECTS: Final = ("pageInfo", "userErrors")


@dataclass
class Bucket:
    """A standard shop's; it fills by `restore` points a second."""

    maximum: float = 2000.0
    restore: float = 100.0
    left: float = 2000.0
    at: datetime | None = None

    def take(self, price: int, now: datetime) -> bool:
        """Whether there was enough for `price`, which is then gone."""
        passed = (now - self.at).total_seconds() if self.at else 0.0
        self.left, self.at = min(self.maximum, self.left + passed * self.restore), now
        if price > self.left:
            return False
        self.left -= price
        return True

    @property
    def status(self) -> dict[str, float]:
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(self.left),
            "restoreRate": self.restore,
        }


def cost_of(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """An object costs 1, a list its length, a mutation 10, a plain value nothing."""
    return sum(
        _cost(operation.selection_set, variables)
        + (MUTATION if operation.operation is OperationType.MUTATION else 0)
        for operation in document.definitions
        if isinstance(operation, OperationDefinitionNode)
    )


def _cost(selection: SelectionSetNode | None, variables: Mapping[str, Any], size: int = 1) -> int:
    total = 0
    for field in selection.selections if selection else ():
        if isinstance(field, FieldNode) and field.selection_set and field.name.value not in _NOT_OBJECTS:
            inner = _cost(field.selection_set, variables, _size(field, variables))
            total += (size if field.name.value in ("nodes", "edges") else 1) * (1 + inner)
    return total


def _size(field: FieldNode, variables: Mapping[str, Any]) -> int:
    for argument in field.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, VariableNode):
                return int(variables.get(argument.value.name.value) or 1)
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
    return 1
