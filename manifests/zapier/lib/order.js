'use strict';

const crypto = require('crypto');

const { base, get } = require('./hub');
const { shape } = require('./voiceover');

const EDITOR_SECONDS = 25;
const PAUSE = 1500;

const isEditor = (bundle) => Boolean(bundle.meta && bundle.meta.isLoadingSample);
const isEnded = (voiceover) => ['completed', 'failed', 'cancelled'].includes(voiceover.status);

/** One key a run of a step: when Zapier sends the same run again, nothing is spoken or paid for twice. */
const keyOf = (callbackUrl) =>
  callbackUrl ? crypto.createHash('sha256').update(callbackUrl).digest('hex') : crypto.randomUUID();

/**
 * Order a voiceover. `encode` makes the request's body of the fields.
 *
 * A Zap that is on pauses until the hub calls back. The editor cannot be called back: it waits for a while.
 */
const order = async (z, bundle, fields, encode = (given) => given) => {
  // Zapier ends the editor's step after 30 seconds altogether: files are fetched and sent within them too.
  const until = Date.now() + EDITOR_SECONDS * 1000;
  const waits = bundle.inputData.wait !== false && bundle.inputData.wait !== 'false';
  const callbackUrl = waits && !isEditor(bundle) ? z.generateCallbackUrl() : undefined;
  const body = await encode(callbackUrl ? { ...fields, callback_url: callbackUrl } : fields);
  const headers = { 'Idempotency-Key': keyOf(callbackUrl) };
  const accepted = (await z.request({ url: `${base()}/v1/voiceovers`, method: 'POST', body, headers })).data;
  if (callbackUrl || !waits) {
    return shape(z, accepted);
  }
  return finished(z, await ended(z, accepted, until));
};

const ended = async (z, accepted, until) => {
  let voiceover = accepted;
  while (!isEnded(voiceover) && Date.now() + PAUSE < until) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    voiceover = await get(z, `/v1/voiceovers/${accepted.id}`);
  }
  return voiceover;
};

const finished = (z, voiceover) => {
  if (voiceover.status === 'failed') {
    const words = voiceover.error_message || 'The text could not be spoken. Its credits were given back.';
    throw new z.errors.Error(words, voiceover.error_code || 'generation_failed', 422);
  }
  if (voiceover.status === 'cancelled') {
    throw new z.errors.HaltedError('The voiceover was cancelled in Sayhook. Its credits were given back.');
  }
  return shape(z, voiceover);
};

/** The step goes on with what the hub called back with. */
const resume = (z, bundle) => finished(z, { ...bundle.outputData, ...bundle.cleanedRequest });

module.exports = { order, resume };
