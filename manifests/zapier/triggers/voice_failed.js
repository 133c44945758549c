'use strict';

const hookTrigger = require('../lib/hook_trigger');
const { failedSample } = require('../lib/voiceover');

module.exports = hookTrigger({
  key: 'voice_failed',
  label: 'Voice Failed',
  description: 'Triggers when a text could not be spoken.',
  status: 'failed',
  sample: failedSample,
});
