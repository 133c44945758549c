'use strict';

const { base, get, present } = require('./hub');
const { isFromHub } = require('./signature');
const { outputFields, shape } = require('./voiceover');

const EXAMPLES = 3;

const inputFields = [
  {
    key: 'mode',
    label: 'Mode',
    choices: { design: 'Described voices', clone: 'Recorded voices' },
    helpText: 'Leave empty to start with both.',
  },
  {
    key: 'voice_id',
    label: 'Saved Voice',
    dynamic: 'voice_list.id.name',
    helpText: 'Start only with voiceovers in this saved voice.',
  },
  {
    key: 'connection_id',
    label: 'Connection',
    dynamic: 'connection_list.id.name',
    helpText: 'Start only with what was spoken for this shop or site of yours.',
  },
];

const filterOf = ({ mode, voice_id, connection_id }) => present({ mode, voice_id, connection_id });

/** A trigger that the hub tells of voiceovers that ended as `status`. */
const hookTrigger = ({ key, label, description, status, sample }) => ({
  key,
  noun: 'Voiceover',
  display: { label, description },
  operation: {
    type: 'hook',
    inputFields,
    performSubscribe: async (z, bundle) => {
      const asked = {
        target_url: bundle.targetUrl,
        events: [`generation.${status}`],
        goodbye: true,
        ...filterOf(bundle.inputData),
      };
      return (await z.request({ url: `${base()}/v1/hooks`, method: 'POST', body: asked })).data;
    },
    performUnsubscribe: async (z, bundle) => {
      await z.request({ url: `${base()}/v1/hooks/${bundle.subscribeData.id}`, method: 'DELETE' });
      return {};
    },
    perform: (z, bundle) => (isFromHub(bundle) ? [shape(z, bundle.cleanedRequest)] : []),
    performList: async (z, bundle) => {
      const wanted = { status, limit: EXAMPLES, ...filterOf(bundle.inputData) };
      const page = await get(z, '/v1/voiceovers', wanted);
      return page.data.map((voiceover) => shape(z, voiceover));
    },
    sample,
    outputFields,
  },
});

module.exports = hookTrigger;
