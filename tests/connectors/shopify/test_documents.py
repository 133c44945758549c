"""What we ask, and what the simulator answers from, are Shopify's own schema and nothing besides."""

from __future__ import annotations

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, parse, validate

from connectors.shopify.admin_api import our_schema
from connectors.shopify.documents import DOCUMENTS

pytestmark = pytest.mark.xdist_group("shopify")  # one installation of the libraries for all

Fielded = GraphQLObjectType | GraphQLInputObjectType


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda text: text.split()[1].split("(")[0])
def test_every_document_is_valid(document: str, admin_schema: GraphQLSchema) -> None:
    assert validate(admin_schema, parse(document)) == []
    assert validate(our_schema(), parse(document)) == []
    wrong = document.replace("id", "idd").replace("userErrors", "userError").replace("Url", "Uri")
    wrong = wrong.replace("myshopifyDomain", "shopDomain").replace("compareDigest", "digest")
    assert validate(admin_schema, parse(wrong))


def test_our_part_of_the_schema_is_part_of_the_whole(admin_schema: GraphQLSchema) -> None:
    checked = 0
    for name, ours in our_schema().type_map.items():
        if name.startswith("__"):
            continue
        theirs = admin_schema.type_map[name]
        assert type(theirs) is type(ours), name
        if isinstance(ours, GraphQLEnumType):
            assert isinstance(theirs, GraphQLEnumType)
            assert ours.values.keys() <= theirs.values.keys(), name
        if isinstance(ours, Fielded):
            assert isinstance(theirs, Fielded)
            checked += _compare(ours, theirs)
    assert checked > 60


def _compare(ours: Fielded, theirs: Fielded) -> int:
    for name, field in ours.fields.items():
        whole = theirs.fields[name]
        assert str(field.type) == str(whole.type), f"{ours.name}.{name}"
        arguments = getattr(whole, "args", {})
        for argument, told in getattr(field, "args", {}).items():
            wanted = arguments[argument]
            shown = f"{ours.name}.{name}({argument})"
            assert (str(told.type), told.default_value) == (str(wanted.type), wanted.default_value), shown
    return len(ours.fields)
