'use strict';

/**
 * Runs the app as Zapier's platform does: one event a line in, one answer a line out, many at once.
 *
 * What cannot pause goes through `createAppTester`; a step that Zapier would call back goes through the handler
 * with that address, which the tester knows no way to give.
 */

const readline = require('node:readline');

const zapier = require('zapier-platform-core');

const App = require(process.argv[2]);

const handler = zapier.createAppHandler(App);
const tester = zapier.createAppTester(App);

const named = (method) => method.split('.').reduce((part, name) => part[name], App);

const told = (error) => ({ name: error.name, message: error.message });

/** The editor puts a field's default into a new step, and the person leaves it there. */
const withDefaults = (event) => {
  const [kind, key, , perform] = (event.method || '').split('.');
  const step = perform === 'perform' && kind === 'creates' && App.creates[key];
  if (step) {
    const given = step.operation.inputFields.filter((field) => field.default !== undefined);
    const defaults = Object.fromEntries(given.map((field) => [field.key, field.default]));
    event.bundle.inputData = { ...defaults, ...event.bundle.inputData };
  }
  return event;
};

const answer = async ({ id, ...event }) => {
  if (event.command === 'app') {
    const named = (parts) => Object.fromEntries(Object.values(parts).map(({ display }) => [display.label, display]));
    return { id, results: [App.triggers, App.creates, App.searches].map(named) };
  }
  try {
    const { command, method, bundle, callback_url: callbackUrl } = withDefaults(event);
    if (command === 'execute' && !callbackUrl) {
      return { id, results: await tester(named(method), bundle) };
    }
    const { results, status } = await handler(event);
    return { id, results, status };
  } catch (error) {
    return { id, error: told(error) };
  }
};

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  process.stdout.write(`\n@@${JSON.stringify(await answer(JSON.parse(line)))}\n`);
});
