"""Every question we ask the Admin API, in GraphQL, and the version it is asked in."""

from __future__ import annotations

from typing import Final

API_VERSION: Final = "2026-10"
URL_KEY: Final = "voiceover_url"
HASH_KEY: Final = "voiceover_hash"
PAGE_SIZE: Final = 50

SHOP: Final = """
query Shop {
  shop { name myshopifyDomain primaryDomain { url } }
  currentAppInstallation { accessScopes { handle } }
}
"""

VOICEOVER: Final = """
query Voiceover($id: ID!, $namespace: String!) {
  product(id: $id) {
    url: metafield(namespace: $namespace, key: "voiceover_url") { value compareDigest }
    hash: metafield(namespace: $namespace, key: "voiceover_hash") { value compareDigest }
  }
}
"""

SET_VOICEOVER: Final = """
mutation SetVoiceover($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { field message code } }
}
"""

PRODUCTS: Final = """
query Products($first: Int!, $after: String) {
  products(first: $first, after: $after, sortKey: ID) {
    nodes { id title descriptionHtml vendor productType tags handle status publishedAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
  productsCount(limit: null) { count }
}
"""

WEBHOOKS: Final = """
query Webhooks {
  webhookSubscriptions(first: 50) { nodes { id topic uri includeFields } }
}
"""

ADD_WEBHOOK: Final = """
mutation AddWebhook($topic: WebhookSubscriptionTopic!, $webhook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhook) { userErrors { field message } }
}
"""

REMOVE_WEBHOOK: Final = """
mutation RemoveWebhook($id: ID!) {
  webhookSubscriptionDelete(id: $id) { userErrors { field message } }
}
"""

DOCUMENTS: Final = (SHOP, VOICEOVER, SET_VOICEOVER, PRODUCTS, WEBHOOKS, ADD_WEBHOOK, REMOVE_WEBHOOK)
