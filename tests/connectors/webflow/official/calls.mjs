// Reads {home, calls: [[token, path, ...arguments]]}, makes each call with Webflow's own client, prints the answers.
import { text } from "node:stream/consumers";
import { WebflowClient } from "webflow-api";

const { home, calls } = JSON.parse(await text(process.stdin));
const base = `${home}/v2`;
const environment = { base, dataApi: base, contentDeliveryApi: base };

const direct = globalThis.fetch;
globalThis.fetch = (address, options) =>
  direct(String(address).replace("https://api.webflow.com", home), options);

async function answer([token, path, ...given]) {
  if (path === "authorizeURL") return WebflowClient.authorizeURL(...given);
  if (path === "getAccessToken") return await WebflowClient.getAccessToken(...given);
  const client = new WebflowClient({ accessToken: token, environment });
  const names = path.split(".");
  const owner = names.slice(0, -1).reduce((found, name) => found[name], client);
  return await owner[names.at(-1)](...given, { maxRetries: 0 });
}

const answers = [];
for (const call of calls) {
  try {
    answers.push({ result: (await answer(call)) ?? null });
  } catch (error) {
    if (error.statusCode === undefined) throw error;
    answers.push({ status: error.statusCode, code: error.body?.code ?? error.body?.error });
  }
}
console.log(JSON.stringify(answers));
