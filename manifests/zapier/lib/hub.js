'use strict';

/** The hub's address without a final slash, read at each call: tests send it elsewhere. */
const base = () => (process.env.HUB_URL || 'https://voice.example.com').replace(/\/+$/, '');

const isHub = (url) => new URL(url).origin === new URL(base()).origin;

/** What has a value: an empty field of a Zap counts as left out. */
const present = (fields) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );

const get = async (z, path, params = {}) =>
  (await z.request({ url: `${base()}${path}`, params: present(params) })).data;

module.exports = { base, isHub, present, get };
