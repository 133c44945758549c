'use strict';

const hookTrigger = require('../lib/hook_trigger');
const { sample } = require('../lib/voiceover');

module.exports = hookTrigger({
  key: 'voice_generated',
  label: 'Voice Generated',
  description: 'Triggers when a voiceover is ready.',
  status: 'completed',
  sample,
});
