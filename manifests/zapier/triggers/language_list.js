'use strict';

const dropdown = require('../lib/dropdown');

module.exports = dropdown({
  key: 'language_list',
  noun: 'Language',
  path: '/v1/languages',
  first: [{ id: 'auto', name: 'Find the language in the text' }],
  rowOf: ({ code, name }) => ({ id: code, name }),
  sample: { id: 'en', name: 'English' },
});
