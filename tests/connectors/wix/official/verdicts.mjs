// Whether Wix's own client takes each token of standard input ({appId, publicKey, cases}) for a webhook of
// Wix's, or for a question of its automations. Writes one true or false for each, as JSON.
import { createRequire } from 'node:module';
import { AppStrategy, createClient } from '@wix/sdk';
import { posts } from '@wix/blog';

const { actionProvider } = createRequire(import.meta.url)('@wix/automations/service-plugins');
const { appId, publicKey, cases } = JSON.parse(await new Response(process.stdin).text());
const client = createClient({ auth: AppStrategy({ appId, publicKey }), modules: { posts, actionProvider } });

let heard = 0;
client.posts.onPostCreated(() => { heard += 1; });
client.actionProvider.provideHandlers({
  invoke: async () => { heard += 1; return { result: {} }; },
  validateConfiguration: async () => ({ valid: true }),
  getQuotaInfo: async () => ({}),
});

async function taken({ kind, body }) {
  heard = 0;
  try {
    if (kind === 'webhook') {
      await client.webhooks.process(body);
    } else {
      const request = new Request('https://hub.example/v1/invoke', { method: 'POST', body });
      const answer = await client.servicePlugins.processRequest(request);
      if (answer.status !== 200) return false;
    }
  } catch {
    return false;
  }
  return heard === 1;
}

const verdicts = [];
for (const given of cases) verdicts.push(await taken(given));
process.stdout.write(JSON.stringify(verdicts));
