// Shopify's own library, as an app with the given secret.
import "@shopify/shopify-api/adapters/web-api";
import { shopifyApi } from "@shopify/shopify-api";

export const library = (apiSecretKey, apiKey = "key") =>
  shopifyApi({
    apiKey,
    apiSecretKey,
    apiVersion: "2026-10",
    hostName: "hub.test",
    scopes: ["write_products"],
    isEmbeddedApp: false,
    logger: { log: () => {} },
  });
