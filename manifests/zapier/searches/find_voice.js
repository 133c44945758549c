'use strict';

const { get } = require('../lib/hub');
const { outputFields, sample } = require('../lib/voice');

const plain = (name) => name.trim().toLowerCase();

const perform = async (z, bundle) => {
  const wanted = plain(bundle.inputData.name);
  return (await get(z, '/v1/voices')).data.filter((voice) => plain(voice.name) === wanted);
};

module.exports = {
  key: 'find_voice',
  noun: 'Voice',
  display: { label: 'Find Voice', description: 'Finds a saved voice by its name.' },
  operation: {
    inputFields: [
      { key: 'name', label: 'Name', type: 'string', required: true, helpText: 'Capitals do not matter.' },
    ],
    perform,
    sample,
    outputFields,
  },
};
