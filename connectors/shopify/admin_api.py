"""The Admin API of the simulated shop: GraphQL on Shopify's own schema, with its costs and its refusals.

`schema.graphql` holds the part of Shopify's schema that our documents use, word for word; a test holds it
against the whole one, and runs the simulator on that as well.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from connectors.shopify.costs import Bucket, cost_of
from connectors.shopify.shop import Product, Saved, Shop

MOST_COST: Final = 1000
MOST_METAFIELDS: Final = 25
_LIMITS_PAGE: Final = "https://shopify.dev/api/usage/rate-limits"
Info: TypeAlias = GraphQLResolveInfo[Any]

_TYPES: Final = ("url", "single_line_text_field", "multi_line_text_field", "number_integer")


@cache
def our_schema() -> GraphQLSchema:
    written = (Path(__file__).parent / "schema.graphql").read_text("utf-8")
    return build_schema(written, assume_valid=True)


class AdminApi:
    """Answers GraphQL for the app with the number `app_id`, as far as its scopes go."""

    def __init__(self, shop: Shop, schema: GraphQLSchema | None = None, app_id: int = 4028497) -> None:
        self.shop, self.schema, self.app_id = shop, schema or our_schema(), app_id
        self.bucket = Bucket()
        self.writes = 0

    def answer(self, asked: Mapping[str, Any], scopes: frozenset[str], now: datetime) -> Saved:
        try:
            document = parse(str(asked.get("query", "")))
        except GraphQLError as error:
            return {"errors": [error.formatted]}
        if wrong := validate(self.schema, document):
            return {"errors": [error.formatted for error in wrong]}
        variables = asked.get("variables") or {}
        price = cost_of(document, variables)
        if price > MOST_COST:
            return self._refused("MAX_COST_EXCEEDED", "Query cost is more than a single one may be.", price)
        if not self.bucket.take(price, now):
            return self._refused("THROTTLED", "Throttled", price)
        return self._executed(document, variables, scopes) | self._cost(price, price)

    def _executed(self, document: DocumentNode, variables: Saved, scopes: frozenset[str]) -> Saved:
        resolvers = _Resolvers(self, scopes)
        result = execute_sync(self.schema, document, root_value=resolvers, variable_values=variables)
        errors = [error.formatted for error in result.errors or ()]
        return {"data": result.data} | ({"errors": errors} if errors else {})

    def _refused(self, code: str, message: str, price: int) -> Saved:
        extensions = {"code": code, "documentation": _LIMITS_PAGE}
        return {"errors": [{"message": message, "extensions": extensions}]} | self._cost(price, None)

    def _cost(self, asked: int, actual: int | None) -> Saved:
        cost = {
            "requestedQueryCost": asked,
            "actualQueryCost": actual,
            "throttleStatus": self.bucket.status,
        }
        return {"extensions": {"cost": cost}}


class _Resolvers:
    """The root of the schema; each method is a field, under Shopify's name."""

    def __init__(self, api: AdminApi, scopes: frozenset[str]) -> None:
        self._api, self._shop, self._scopes = api, api.shop, scopes

    def shop(self, info: Info) -> Saved:
        domain = {"id": "gid://shopify/Domain/1", "host": self._shop.domain, "url": self._shop.storefront}
        named = {"name": self._shop.name, "myshopifyDomain": self._shop.domain, "primaryDomain": domain}
        return {"id": "gid://shopify/Shop/548380009", **named}

    def currentAppInstallation(self, info: Info) -> Saved:  # noqa: N802
        held = [{"handle": scope, "description": scope} for scope in sorted(_implied(self._scopes))]
        return {"id": "gid://shopify/AppInstallation/1", "accessScopes": held}

    def product(self, info: Info, id: str) -> Saved | None:
        self._need("read_products", "product")
        product = self._product(id)
        return None if product is None else self._shown(product)

    def products(self, info: Info, first: int = 50, after: str | None = None, **more: Any) -> Saved:
        self._need("read_products", "products")
        start = int(b64decode(after)) if after else 0
        all_there = [product for number, product in sorted(self._shop.products.items()) if number > start]
        page = all_there[:first]
        end = b64encode(str(page[-1].id).encode()).decode() if page else None
        info_of_page = {"hasNextPage": len(all_there) > first, "endCursor": end}
        return {"nodes": [self._shown(product) for product in page], "pageInfo": info_of_page}

    def productsCount(self, info: Info, limit: int | None = 10_000) -> Saved:  # noqa: N802
        self._need("read_products", "productsCount")
        there = len(self._shop.products)
        shown = there if limit is None else min(there, limit)
        return {"count": shown, "precision": "EXACT" if shown == there else "AT_LEAST"}

    def webhookSubscriptions(self, info: Info, first: int = 50, **more: Any) -> Saved:  # noqa: N802
        there = list(self._shop.subscriptions.values())[:first]
        return {
            "nodes": [
                {"id": one.id, "topic": one.topic, "uri": one.uri, "includeFields": list(one.include)}
                for one in there
            ]
        }

    def webhookSubscriptionCreate(self, info: Info, topic: str, **given: Saved) -> Saved:  # noqa: N802
        asked = given["webhookSubscription"]
        uri = asked.get("uri") or ""
        if not uri.startswith(("https://", "http://127.0.0.1")):
            return _refusal(["webhookSubscription", "callbackUrl"], "Address is invalid")
        if any(one.topic == topic and one.uri == uri for one in self._shop.subscriptions.values()):
            taken = "Address for this topic has already been taken"
            return _refusal(["webhookSubscription", "callbackUrl"], taken)
        if topic.startswith("PRODUCTS_"):
            self._need("read_products", "webhookSubscriptionCreate")
        include = tuple(asked.get("includeFields") or ())
        made = self._shop.subscribe(topic, uri, include)
        return {"webhookSubscription": {"id": made.id, "topic": topic, "uri": uri}, "userErrors": []}

    def webhookSubscriptionDelete(self, info: Info, id: str) -> Saved:  # noqa: N802
        if self._shop.subscriptions.pop(id, None) is None:
            return _refusal(["id"], "Webhook subscription does not exist")
        return {"deletedWebhookSubscriptionId": id, "userErrors": []}

    def metafieldsSet(self, info: Info, metafields: list[Saved]) -> Saved:  # noqa: N802
        """All or nothing."""
        self._need("write_products", "metafieldsSet")
        errors = [error for index, entry in enumerate(metafields) for error in self._wrong(index, entry)]
        if len(metafields) > MOST_METAFIELDS:
            errors = [_error(["metafields"], "Exceeded the most metafields.", "LESS_THAN_OR_EQUAL_TO", None)]
        if errors:
            return {"metafields": [], "userErrors": errors}
        self._api.writes += 1
        written = []
        for owner in dict.fromkeys(entry["ownerId"] for entry in metafields):
            product = self._product(owner)
            entries = [self._stored(entry) for entry in metafields if entry["ownerId"] == owner]
            if product is not None:
                self._shop.write_metafields(product, entries)
                written += [product.metafields[entry["namespace"], entry["key"]] for entry in entries]
        return {"metafields": written, "userErrors": []}

    def _wrong(self, index: int, entry: Saved) -> list[Saved]:
        place = ["metafields", str(index)]
        product = self._product(entry["ownerId"])
        if product is None:
            return [_error([*place, "ownerId"], "Owner does not exist.", "INVALID", index)]
        stored = self._stored(entry)
        if stored["type"] not in _TYPES:
            return [_error([*place, "type"], "Type must be one that exists.", "INVALID_TYPE", index)]
        if stored["type"] == "url" and not entry["value"].startswith(("https://", "http://")):
            return [_error([*place, "value"], "Value must be a valid URL.", "INVALID_VALUE", index)]
        before = product.metafields.get((stored["namespace"], stored["key"]))
        if "compareDigest" in entry and entry["compareDigest"] != (before and before["compareDigest"]):
            return [
                _error(place, "The resource has been updated since it was loaded.", "STALE_OBJECT", index)
            ]
        return []

    def _stored(self, entry: Saved) -> Saved:
        namespace = self._namespace(entry.get("namespace"))
        kind = entry.get("type") or "single_line_text_field"
        return {"namespace": namespace, "key": entry["key"], "type": kind, "value": entry["value"]}

    def _namespace(self, given: str | None) -> str:
        """`$app` is the app's own; answers show what it stands for."""
        own = f"app--{self._api.app_id}"
        if given in (None, "$app"):
            return own
        return f"{own}--{given[5:]}" if given.startswith("$app:") else given

    def _shown(self, product: Product) -> Saved:
        def metafield(info: Info, key: str, namespace: str | None = None) -> Saved | None:
            return product.metafields.get((self._namespace(namespace), key))

        fields = product.fields
        return {
            "id": product.gid,
            "title": fields["title"],
            "descriptionHtml": fields["body_html"] or "",
            "vendor": fields["vendor"],
            "productType": fields["product_type"],
            "tags": [tag.strip() for tag in fields["tags"].split(",") if tag.strip()],
            "handle": fields["handle"],
            "status": fields["status"].upper(),
            "publishedAt": fields["published_at"],
            "updatedAt": fields["updated_at"],
            "metafield": metafield,
        }

    def _product(self, gid: str) -> Product | None:
        number = gid.removeprefix("gid://shopify/Product/")
        return self._shop.products.get(int(number)) if number.isdecimal() else None

    def _need(self, scope: str, field: str) -> None:
        if scope not in _implied(self._scopes):
            message = f"Access denied for {field} field. Required access: `{scope}` access scope."
            raise GraphQLError(message, extensions={"code": "ACCESS_DENIED"})


def _implied(scopes: frozenset[str]) -> frozenset[str]:
    """Who may write may read."""
    return scopes | {scope.replace("write_", "read_", 1) for scope in scopes if scope.startswith("write_")}


def _error(field: list[str], message: str, code: str, index: int | None) -> Saved:
    return {"field": field, "message": message, "code": code, "elementIndex": index}


def _refusal(field: list[str], message: str) -> Saved:
    return {"userErrors": [{"field": field, "message": message}]}
