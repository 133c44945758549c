"""The part of Make's expression language (IML) that our app uses: text with `{{expressions}}` in it.

    lexer       an expression's characters to tokens
    parser      tokens to a tree (`syntax`)
    evaluation  a tree and a scope to a value
    functions   what can be called
    template    whole JSON values whose texts hold expressions

Source: Make's custom apps documentation, "IML"; what it leaves open is said where we decided it.
"""

from connectors.make.iml.errors import ImlError
from connectors.make.iml.evaluation import Scope, evaluate
from connectors.make.iml.parser import parse
from connectors.make.iml.template import expressions_of, rendered
from connectors.make.iml.values import UNDEFINED, is_true, text_of

__all__ = [
    "UNDEFINED",
    "ImlError",
    "Scope",
    "evaluate",
    "expressions_of",
    "is_true",
    "parse",
    "rendered",
    "text_of",
]
