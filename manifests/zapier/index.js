'use strict';

const zapier = require('zapier-platform-core');

const { version } = require('./package.json');
const authentication = require('./authentication');
const { addToken, explainFailure } = require('./lib/middleware');
const hydrators = require('./hydrators');

const keyed = (parts) => Object.fromEntries(parts.map((part) => [part.key, part]));

module.exports = {
  version,
  platformVersion: zapier.version,
  authentication,
  beforeRequest: [addToken],
  afterResponse: [explainFailure],
  hydrators,
  triggers: keyed([
    require('./triggers/voice_generated'),
    require('./triggers/voice_failed'),
    require('./triggers/language_list'),
    require('./triggers/voice_list'),
    require('./triggers/connection_list'),
  ]),
  creates: keyed([
    require('./creates/voiceover_from_description'),
    require('./creates/voiceover_from_sample'),
    require('./creates/long_voiceover'),
    require('./creates/save_voice'),
  ]),
  searches: keyed([require('./searches/find_voiceover'), require('./searches/find_voice')]),
  searchOrCreates: {
    find_voice: {
      key: 'find_voice',
      display: { label: 'Find or Save Voice', description: 'Finds a saved voice by its name, or saves one.' },
      search: 'find_voice',
      create: 'save_voice',
    },
  },
};
