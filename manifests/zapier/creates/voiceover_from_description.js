'use strict';

const fields = require('../lib/fields');
const { present } = require('../lib/hub');
const { order, resume } = require('../lib/order');
const { outputFields, sample } = require('../lib/voiceover');

const perform = (z, bundle) => {
  const { text, voice_description, voice_id, language, format, seed, metadata } = bundle.inputData;
  return order(z, bundle, present({ text, voice_description, voice_id, language, format, seed, metadata }));
};

module.exports = {
  key: 'voiceover_from_description',
  noun: 'Voiceover',
  display: {
    label: 'Create Voiceover From Description',
    description: 'Creates a voiceover in a voice you describe or have saved.',
  },
  operation: {
    inputFields: [
      fields.text('Cues in parentheses are followed and not spoken, such as (cheerful) or (whispering).'),
      fields.description,
      fields.savedVoice,
      fields.language,
      fields.format,
      fields.seed,
      fields.metadata,
      fields.wait,
    ],
    perform,
    performResume: resume,
    sample,
    outputFields,
  },
};
