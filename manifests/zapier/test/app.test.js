'use strict';

const assert = require('node:assert');
const { test } = require('node:test');

const zapier = require('zapier-platform-core');
const { validateAppDefinition } = require('zapier-platform-schema');

const App = require('..');
const { order } = require('../lib/order');
const { lint } = require('./lint');

const clone = (part) => ({ ...part, operation: { ...part.operation } });

test('Zapier finds nothing to mend', async () => {
  const handler = zapier.createAppHandler(App);
  assert.deepStrictEqual((await handler({ command: 'validate' })).results, []);
  const { results } = await handler({ command: 'definition' });
  assert.deepStrictEqual(validateAppDefinition(results).errors, []);
});

test('the checks of the server find nothing to mend', async () => {
  assert.deepStrictEqual(await lint(App), []);
});

test('the checks find what is spoilt', async () => {
  const spoilt = { ...App, creates: { ...App.creates }, triggers: { ...App.triggers }, authentication: {} };
  const create = clone(App.creates.save_voice);
  create.display = { label: 'Save voice', description: 'This saves a voice' };
  create.operation.sample = { name: 7, colour: 'red' };
  spoilt.creates.save_voice = create;
  const trigger = clone(App.triggers.voice_failed);
  delete trigger.operation.performList;
  trigger.operation.inputFields = [{ key: 'voice_id', label: 'Voice', helpText: 'Voice', search: 'no.id' }];
  spoilt.triggers.voice_failed = trigger;
  const other = clone(App.triggers.voice_generated);
  other.operation.performList = async () => [{ status: 'completed', id: 'v' }];
  spoilt.triggers.voice_generated = other;
  const found = (await lint(spoilt)).map((one) => one.split(' ')[0]);
  for (const code of ['D018', 'D021', 'T004', 'D024', 'D010', 'D006', 'D006/D016', 'D004', 'D011', 'D014', 'D013', 'D003']) {
    assert.ok(found.includes(code), `${code} in ${found}`);
  }
});

test('the editor waits 25 seconds altogether, also for a file that took most of them', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 0 });
  const asked = [];
  const request = async ({ url, method = 'GET' }) => {
    asked.push(method);
    t.mock.timers.setTime(Date.now() + 100);
    return { data: { id: 'v', status: 'queued', url } };
  };
  const bundle = { inputData: {}, meta: { isLoadingSample: true } };
  const ordered = order({ request }, bundle, {}, async (given) => {
    t.mock.timers.setTime(20_000);
    return given;
  });
  let done = false;
  ordered.then(() => (done = true));
  for (let turn = 0; !done && turn < 1000; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(100);
  }
  assert.strictEqual((await ordered).status, 'queued');
  assert.deepStrictEqual(asked, ['POST', 'GET', 'GET', 'GET']);
});

test('core is pinned to the one this was written for', () => {
  const { dependencies } = require('../package.json');
  assert.strictEqual(dependencies['zapier-platform-core'], zapier.version);
});
