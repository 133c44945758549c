'use strict';

const outputFields = [
  { key: 'id', label: 'Voice ID', type: 'string', primary: true },
  { key: 'name', label: 'Name', type: 'string' },
  { key: 'mode', label: 'Mode', type: 'string' },
  { key: 'voice_description', label: 'Voice Description', type: 'string' },
  { key: 'seed', label: 'Seed', type: 'integer' },
  { key: 'consent', label: 'Consent', type: 'string' },
  { key: 'created_at', label: 'Created At', type: 'datetime' },
];

const sample = {
  id: '3a1de1f5-3c39-4a3f-b3fb-6a0c1f1f7d20',
  name: 'Narrator',
  mode: 'design',
  voice_description: 'An elderly man, slow and warm',
  seed: 7,
  created_at: '2026-11-22T18:20:00.125Z',
};

module.exports = { outputFields, sample };
