'use strict';

const text = (helpText) => ({ key: 'text', label: 'Text to Speak', type: 'text', required: true, helpText });

const language = {
  key: 'language',
  label: 'Language',
  dynamic: 'language_list.id.name',
  helpText: 'Leave empty to let Sayhook find it in the text.',
};

const format = {
  key: 'format',
  label: 'Audio Format',
  choices: { mp3: 'MP3', wav: 'WAV', flac: 'FLAC', opus: 'Opus' },
  default: 'mp3',
  helpText: 'MP3 plays everywhere. WAV and FLAC are for further work on the audio.',
};

const description = {
  key: 'voice_description',
  label: 'Voice Description',
  type: 'text',
  placeholder: 'A calm woman in her thirties with a low, warm voice',
  helpText: 'The voice in plain English: age, gender, pitch, pace, warmth, accent, mood.',
};

const savedVoice = {
  key: 'voice_id',
  label: 'Saved Voice',
  dynamic: 'voice_list.id.name',
  search: 'find_voice.id',
  helpText: 'A voice you have saved, instead of a description.',
};

const seed = {
  key: 'seed',
  label: 'Seed',
  type: 'integer',
  helpText: 'The same number gives the same voice again.',
};

const metadata = {
  key: 'metadata',
  label: 'Metadata',
  dict: true,
  helpText: 'Your own values, such as an order number. They come back with the result and in triggers.',
};

const wait = {
  key: 'wait',
  label: 'Wait for the Audio',
  type: 'boolean',
  default: 'true',
  helpText: 'With No, the Zap goes on at once without audio; a Zap with Voice Generated gets it later.',
};

module.exports = { text, language, format, description, savedVoice, seed, metadata, wait };
