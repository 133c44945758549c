'use strict';

const dropdown = require('../lib/dropdown');

module.exports = dropdown({
  key: 'voice_list',
  noun: 'Voice',
  path: '/v1/voices',
  rowOf: ({ id, name }) => ({ id, name }),
  sample: { id: '3a1de1f5-3c39-4a3f-b3fb-6a0c1f1f7d20', name: 'Narrator' },
});
