// Reads cases as JSON lines, asks the platform's official library about each, prints true or false a line.
import readline from "node:readline";
import "@shopify/shopify-api/adapters/web-api";
import { shopifyApi, ApiVersion } from "@shopify/shopify-api";
import { Webhook } from "standardwebhooks";
import { WebflowClient } from "webflow-api";
import { AppStrategy, createClient } from "@wix/sdk";

const shopify = (secret) =>
  shopifyApi({
    apiKey: "key",
    apiSecretKey: secret,
    apiVersion: Object.values(ApiVersion).at(-1),
    hostName: "hub.test",
    scopes: [],
    isEmbeddedApp: false,
    logger: { log: () => {} },
  });

const ask = {
  async hmac_base64({ secret, headers, body }) {
    const rawRequest = new Request("https://hub.test/hooks", { method: "POST", headers, body });
    return (await shopify(secret).webhooks.validate({ rawBody: body, rawRequest })).valid;
  },
  async hmac_hex_timestamp({ secret, headers, body }) {
    const client = new WebflowClient({ accessToken: "offline" });
    return client.webhooks.verifySignature({ headers, body, secret });
  },
  async standard_webhooks({ secret, headers, body }) {
    new Webhook(secret).verify(body, headers);
    return true;
  },
  async jwt_rs256({ secret, body }) {
    const client = createClient({ auth: AppStrategy({ appId: "app", publicKey: secret }) });
    return (await client.webhooks.process(body, { expectedEvents: [] })) !== null;
  },
};
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { scheme, ...given } = JSON.parse(line);
  let verdict = false;
  try {
    verdict = Boolean(await ask[scheme](given));
  } catch (error) {
    if (error instanceof ReferenceError) throw error;
  }
  console.log(String(verdict));
}
