'use strict';

const hydrators = require('../hydrators');

const FIELDS = [
  ['id', 'Voiceover ID', 'string'],
  ['status', 'Status', 'string'],
  ['mode', 'Mode', 'string'],
  ['source', 'Source', 'string'],
  ['connection_id', 'Connection ID', 'string'],
  ['voice_id', 'Voice ID', 'string'],
  ['language', 'Language', 'string'],
  ['format', 'Format', 'string'],
  ['output_url', 'Audio URL', 'string'],
  ['output_expires_at', 'Audio URL Expires At', 'datetime'],
  ['download_url', 'Download URL', 'string'],
  ['srt_url', 'SRT Captions URL', 'string'],
  ['vtt_url', 'WebVTT Captions URL', 'string'],
  ['duration_seconds', 'Duration in Seconds', 'number'],
  ['characters', 'Characters', 'integer'],
  ['credits_used', 'Credits Used', 'number'],
  ['credits_remaining', 'Credits Remaining', 'number'],
  ['progress', 'Progress', 'number'],
  ['seed', 'Seed', 'integer'],
  ['engine', 'Engine', 'string'],
  ['error_code', 'Error Code', 'string'],
  ['error_message', 'Error Message', 'string'],
  ['warnings', 'Warnings', 'string'],
  ['created_at', 'Created At', 'datetime'],
  ['started_at', 'Started At', 'datetime'],
  ['completed_at', 'Completed At', 'datetime'],
];

const outputFields = [
  ...FIELDS.map(([key, label, type]) => (key === 'id' ? { key, label, type, primary: true } : { key, label, type })),
  { key: 'metadata', label: 'Metadata', sample: { order: 'A-1042' } },
  { key: 'audio_file', label: 'Audio File', type: 'file' },
];

/**
 * A voiceover of the hub as later steps see it. The file is fetched when a step wants it, by the ID: a replay
 * days later still gets it, when the signed link has long died.
 */
const shape = (z, voiceover) => ({
  ...voiceover,
  audio_file: voiceover.output_url
    ? z.dehydrateFile(hydrators.downloadAudio, { id: voiceover.id })
    : null,
});

const sample = {
  id: '7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11',
  status: 'completed',
  mode: 'design',
  source: 'api',
  language: 'en',
  format: 'mp3',
  output_url: 'https://voice.example.com/v1/audio/7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11.mp3',
  output_expires_at: '2026-11-22T19:20:03.000Z',
  download_url: 'https://voice.example.com/v1/voiceovers/7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11/audio',
  srt_url: 'https://voice.example.com/v1/audio/7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11.srt',
  vtt_url: 'https://voice.example.com/v1/audio/7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11.vtt',
  duration_seconds: 3.412,
  characters: 52,
  credits_used: 50,
  credits_remaining: 450,
  progress: 1,
  seed: 1234,
  engine: 'kokoro',
  warnings: '',
  metadata: { order: 'A-1042' },
  created_at: '2026-11-22T18:20:00.125Z',
  started_at: '2026-11-22T18:20:00.310Z',
  completed_at: '2026-11-22T18:20:02.004Z',
  audio_file: 'https://voice.example.com/v1/audio/7a9cfd3e-1f5c-4a2f-9a53-0d4b1f0a7d11.mp3',
};

const failedSample = {
  id: '0b8f54f6-63f4-4b5e-8a59-3a3d0a4fd0c2',
  status: 'failed',
  mode: 'clone',
  source: 'api',
  language: 'en',
  format: 'mp3',
  characters: 18,
  credits_used: 0,
  credits_remaining: 500,
  progress: 0,
  error_code: 'nothing_to_speak',
  error_message: 'There is nothing to speak in this text.',
  warnings: '',
  metadata: { order: 'A-1042' },
  created_at: '2026-11-22T18:20:00.125Z',
  started_at: '2026-11-22T18:20:00.310Z',
  completed_at: '2026-11-22T18:20:00.704Z',
};

module.exports = { outputFields, shape, sample, failedSample };
