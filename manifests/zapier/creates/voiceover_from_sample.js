'use strict';

const fields = require('../lib/fields');
const { formOf } = require('../lib/form');
const { present } = require('../lib/hub');
const { order, resume } = require('../lib/order');
const { outputFields, sample } = require('../lib/voiceover');

const perform = (z, bundle) => {
  const { text, voice_ref_text, language, format, cfg_value, metadata, voice_ref } = bundle.inputData;
  const asked = present({ text, voice_ref_text, language, format, cfg_value, metadata });
  return order(z, bundle, asked, (given) => formOf(z, given, { voice_ref }));
};

module.exports = {
  key: 'voiceover_from_sample',
  noun: 'Voiceover',
  display: {
    label: 'Create Voiceover From Sample',
    description: 'Creates a voiceover in the voice of a short recording.',
  },
  operation: {
    inputFields: [
      fields.text('What the recorded voice is to say.'),
      {
        key: 'voice_ref',
        label: 'Voice Sample',
        type: 'file',
        required: true,
        helpText:
          'A WAV, MP3, FLAC or Ogg file with one voice: 10 to 30 seconds are best, 5 the least, under 10 MB. ' +
          'Use only voices whose owners agree.',
      },
      {
        key: 'voice_ref_text',
        label: 'Text of the Sample',
        type: 'text',
        helpText: 'What is said in the recording, if you know it.',
      },
      fields.language,
      fields.format,
      {
        key: 'cfg_value',
        label: 'Closeness',
        type: 'number',
        helpText: 'From 0.5 to 5: how closely the voice keeps to the recording. 2 when left empty.',
      },
      fields.metadata,
      fields.wait,
    ],
    perform,
    performResume: resume,
    sample: { ...sample, mode: 'clone', credits_used: 100, credits_remaining: 400 },
    outputFields,
  },
};
