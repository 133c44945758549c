// Installs an app in the simulated shop and works with it, all by Shopify's own library; prints what it met.
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import { library } from "./library.mjs";

const { home, shop, clientId, clientSecret, documents, product, deliveries } = JSON.parse(process.argv[2]);
const simulated = (url, options) => fetch(String(url).replace(`https://${shop}`, home), options);
setAbstractFetchFunc(simulated);
const app = library(clientSecret, clientId);
const met = {};

const begun = await app.auth.begin({
  shop,
  callbackPath: "/back",
  isOnline: false,
  rawRequest: new Request("https://hub.test/begin"),
});
const cookies = begun.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
const consent = await simulated(begun.headers.get("location"), { redirect: "manual" });
const { session } = await app.auth.callback({
  rawRequest: new Request(consent.headers.get("location"), { headers: { cookie: cookies.join("; ") } }),
  expiring: true,
});
met.scope = session.scope;
met.expires = Math.round((session.expires - Date.now()) / 60000);
const renewed = await app.auth.refreshToken({ shop, refreshToken: session.refreshToken });
met.renewed = renewed.session.accessToken !== session.accessToken && Boolean(renewed.session.refreshToken);

const client = new app.clients.Graphql({ session: renewed.session });
const ask = async (name, variables) => (await client.request(documents[name], { variables })).data;
const webhook = { uri: "https://hub.test/hooks/shopify", format: "JSON", includeFields: ["id", "title"] };
const namespace = "$app";
const metafields = [
  { ownerId: product, namespace, key: "voiceover_url", type: "url", value: "https://hub.test/a.mp3", compareDigest: null },
];
met.shop = (await ask("Shop")).shop.myshopifyDomain;
met.found = (await ask("Products", { first: 1 })).products.nodes[0].title;
met.written = (await ask("SetVoiceover", { metafields })).metafieldsSet.userErrors;
met.stale = (await ask("SetVoiceover", { metafields })).metafieldsSet.userErrors.map((error) => error.code);
met.read = (await ask("Voiceover", { id: product, namespace })).product.url.value;
met.added = (await ask("AddWebhook", { topic: "PRODUCTS_UPDATE", webhook })).webhookSubscriptionCreate.userErrors;
const [listed] = (await ask("Webhooks")).webhookSubscriptions.nodes;
met.listed = listed.topic;
met.removed = (await ask("RemoveWebhook", { id: listed.id })).webhookSubscriptionDelete.userErrors;

const refused = async (name, work) => {
  try {
    await work();
  } catch (error) {
    met[name] = error.response?.code ?? error.constructor.name;
  }
};
const stranger = new app.clients.Graphql({ session: Object.assign(session, { accessToken: "shpat_none" }) });
await refused("stranger", () => stranger.request(documents.Shop));
await refused("wrong", () => client.request("{ shop { nme } }"));
await refused("grant", () => app.auth.refreshToken({ shop, refreshToken: "shprt_none" }));

met.deliveries = [];
for (const { headers, body } of deliveries) {
  const rawRequest = new Request("https://hub.test/hooks", { method: "POST", headers, body });
  const { valid, topic, domain } = await app.webhooks.validate({ rawBody: body, rawRequest });
  met.deliveries.push([valid, topic, domain]);
}
console.log(JSON.stringify(met));
