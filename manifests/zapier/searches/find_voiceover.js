'use strict';

const { base, get } = require('../lib/hub');
const { outputFields, sample, shape } = require('../lib/voiceover');

const byId = async (z, id) => {
  const url = `${base()}/v1/voiceovers/${encodeURIComponent(id.trim())}`;
  const response = await z.request({ url, skipThrowForStatus: true });
  if (response.status === 404) {
    return [];
  }
  response.throwForStatus();
  return [response.data];
};

const byWords = async (z, { text, status }) =>
  (await get(z, '/v1/voiceovers', { text, status, limit: 1 })).data;

const perform = async (z, bundle) => {
  const { voiceover, text } = bundle.inputData;
  if (!voiceover && !text) {
    throw new z.errors.Error('Give the ID of a voiceover, or words of its text.', 'nothing_asked', 400);
  }
  const found = voiceover ? await byId(z, voiceover) : await byWords(z, bundle.inputData);
  return found.map((one) => shape(z, one));
};

module.exports = {
  key: 'find_voiceover',
  noun: 'Voiceover',
  display: {
    label: 'Find Voiceover',
    description: 'Finds a voiceover by its ID, or the newest one with certain words in it.',
  },
  operation: {
    inputFields: [
      { key: 'voiceover', label: 'Voiceover', type: 'string', helpText: 'The ID that an earlier step gave.' },
      { key: 'text', label: 'Words', type: 'string', helpText: 'Words that were spoken in it.' },
      {
        key: 'status',
        label: 'Status',
        choices: { completed: 'Completed', failed: 'Failed', processing: 'Processing', queued: 'Queued' },
        helpText: 'Narrows a search by words.',
      },
    ],
    perform,
    sample,
    outputFields,
  },
};
