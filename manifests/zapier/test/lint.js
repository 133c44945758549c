'use strict';

/** Zapier's own publishing checks that its validator leaves to the server; each gives sentences to mend. */

const SMALL = new Set(['a', 'an', 'and', 'as', 'at', 'by', 'for', 'from', 'in', 'of', 'on', 'or', 'the', 'to', 'with']);
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const FITS = {
  string: (value) => typeof value === 'string',
  file: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  datetime: (value) => ISO.test(value),
  undefined: (value) => typeof value === 'object', // a dictionary has no type of its own
};

const END = { id: 'v', status: 'completed', output_url: 'https://voice.example.com/v', metadata: {} };

const isTitleCase = (label) =>
  label.split(' ').every((word, at) => /^[A-Z0-9]/.test(word) || (at > 0 && SMALL.has(word)));

const all = (app) => [
  ...Object.values(app.triggers).map((part) => ['trigger', part]),
  ...Object.values(app.creates).map((part) => ['create', part]),
  ...Object.values(app.searches).map((part) => ['search', part]),
];

const labels = (app) =>
  all(app).flatMap(([, { key, display, operation }]) =>
    [display, ...(operation.inputFields || []), ...(operation.outputFields || [])]
      .filter(({ label }) => !isTitleCase(label))
      .map(({ label }) => `D018 ${key}: "${label}" is not in Title Case`));

const descriptions = (app) =>
  all(app).flatMap(([kind, { key, display }]) => {
    const begins = { trigger: 'Triggers when ', create: /^(Creates|Saves) /, search: 'Finds ' }[kind];
    const fits = begins instanceof RegExp ? begins.test(display.description) : display.description.startsWith(begins);
    return fits && display.description.endsWith('.') ? [] : [`D021 ${key}: "${display.description}"`];
  });

const samples = (app) =>
  all(app).flatMap(([, { key, operation }]) => {
    const { sample, outputFields } = operation;
    if (!sample) {
      return [`D012 ${key} has no sample`];
    }
    const known = new Map(outputFields.map((field) => [field.key, field]));
    const strange = Object.keys(sample).filter((name) => !known.has(name));
    const unfit = Object.entries(sample).filter(([name, value]) => known.has(name) && !FITS[known.get(name).type](value));
    return [
      ...strange.map((name) => `T004 ${key}: the sample's ${name} is no output field`),
      ...unfit.map(([name, value]) => `D024 ${key}: ${name} is not a ${known.get(name).type}: ${value}`),
      ...(sample.id ? [] : [`D010 ${key}: the sample has no id`]),
      ...(outputFields.some(({ primary }) => primary) ? [] : [`D010 ${key} has no primary key`]),
    ];
  });

const inputs = (app) =>
  all(app).flatMap(([kind, { key, operation }]) => [
    ...(kind === 'search' && !(operation.inputFields || []).length ? [`D009 ${key} has no input field`] : []),
    ...(operation.inputFields || []).flatMap((field) => [
      ...(field.key.endsWith('_id') && !field.dynamic ? [`D004 ${key}.${field.key} has no dropdown`] : []),
      ...(field.helpText === field.label ? [`D011 ${key}.${field.key} says its label again`] : []),
      ...(field.search && !field.dynamic ? [`D014 ${key}.${field.key} has a search and no dropdown`] : []),
      ...(/(^|[^(`])https?:\/\//.test(field.helpText || '') ? [`D008 ${key}.${field.key} has a raw link`] : []),
      ...(field.dynamic && !app.triggers[field.dynamic.split('.')[0]] ? [`D005 ${key}.${field.key}`] : []),
      ...(field.search && !app.searches[field.search.split('.')[0]] ? [`D013 ${key}.${field.key}`] : []),
      ...(/key|token|secret|password/i.test(field.key) ? [`D001 ${key}.${field.key} asks for a secret`] : []),
    ]),
  ]);

const hooks = (app) =>
  Object.values(app.triggers)
    .filter(({ operation }) => operation.type === 'hook')
    .flatMap(({ key, operation }) =>
      ['performSubscribe', 'performUnsubscribe', 'performList']
        .filter((name) => !operation[name])
        .map((name) => `D006/D016 ${key} has no ${name}`));

const shapeOf = (value) =>
  value && typeof value === 'object' ? Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]) : typeof value;

/** What a hook brings and what the editor lists have one shape, key for key and in one order. */
const shapes = async (app) => {
  const z = { request: async () => ({ data: { data: [END] } }), dehydrateFile: () => 'hydrate|||' };
  const bundle = { inputData: {}, subscribeData: {}, cleanedRequest: END, rawRequest: { headers: {}, content: '' } };
  const found = [];
  for (const { key, operation } of Object.values(app.triggers)) {
    if (operation.type === 'hook' && operation.performList) {
      const [heard, listed] = [await operation.perform(z, bundle), await operation.performList(z, bundle)];
      if (!heard.length || JSON.stringify(shapeOf(heard)) !== JSON.stringify(shapeOf(listed))) {
        found.push(`D006 ${key}: its hook and its list differ in shape`);
      }
    }
  }
  return found;
};

const about = (app) => (app.authentication.connectionLabel ? [] : ['D003 there is no connection label']);

const lint = async (app) => [
  ...[labels, descriptions, samples, inputs, hooks, about].flatMap((check) => check(app)),
  ...(await shapes(app)),
];

module.exports = { lint, isTitleCase };
