'use strict';

const dropdown = require('../lib/dropdown');

module.exports = dropdown({
  key: 'connection_list',
  noun: 'Connection',
  path: '/v1/connections',
  rowOf: ({ id, name }) => ({ id, name }),
  sample: { id: '1f7be2a0-6d1c-4d35-9a3e-2b0f5a9c1d44', name: 'shop.example' },
});
