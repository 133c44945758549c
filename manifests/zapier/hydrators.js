'use strict';

const { base } = require('./lib/hub');

/** The audio of a voiceover, by your own token: no signed link is needed, so none can have expired. */
const downloadAudio = (z, bundle) =>
  z.stashFile(z.request({ url: `${base()}/v1/voiceovers/${bundle.inputData.id}/audio`, raw: true }));

module.exports = { downloadAudio };
