'use strict';

const fields = require('../lib/fields');
const { formOf } = require('../lib/form');
const { base, present } = require('../lib/hub');
const { outputFields, sample } = require('../lib/voice');

const perform = async (z, bundle) => {
  const { name, voice_description, seed, voice_ref, voice_ref_text, consent } = bundle.inputData;
  const asked = present({ name, voice_description, seed, voice_ref_text, consent });
  const body = voice_ref ? await formOf(z, asked, { voice_ref }) : asked;
  return (await z.request({ url: `${base()}/v1/voices`, method: 'POST', body })).data;
};

module.exports = {
  key: 'save_voice',
  noun: 'Voice',
  display: { label: 'Save Voice', description: 'Saves a described or recorded voice under a name.' },
  operation: {
    inputFields: [
      { key: 'name', label: 'Name', type: 'string', required: true, helpText: 'One that no other voice has.' },
      { ...fields.description, helpText: `${fields.description.helpText} Leave empty for a recording.` },
      fields.seed,
      {
        key: 'voice_ref',
        label: 'Voice Sample',
        type: 'file',
        helpText: 'A recording of the voice, instead of a description. At least 5 seconds, under 10 MB.',
      },
      {
        key: 'voice_ref_text',
        label: 'Text of the Sample',
        type: 'text',
        helpText: 'What is said in the recording, if you know it.',
      },
      {
        key: 'consent',
        label: 'Consent of the Speaker',
        type: 'text',
        helpText:
          'Needed with a recording: who is heard, and that they agree to have their voice cloned. ' +
          'It is kept with the voice.',
      },
    ],
    perform,
    sample,
    outputFields,
  },
};
