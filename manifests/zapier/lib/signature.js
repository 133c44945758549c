'use strict';

const crypto = require('crypto');

const header = (headers, name) => {
  const wanted = name.toLowerCase();
  const found = Object.entries(headers || {}).find(([key]) => key.toLowerCase().replace(/^http-/, '') === wanted);
  return found && found[1];
};

/**
 * Whether this hook's own secret signed the message (Standard Webhooks 1.0). The secret came with the
 * subscription; a Zap that was switched on before there was one trusts its secret address alone.
 */
const isFromHub = (bundle) => {
  const secret = bundle.subscribeData && bundle.subscribeData.secret;
  if (!secret) {
    return true;
  }
  const { headers, content } = bundle.rawRequest || {};
  const signed = `${header(headers, 'webhook-id')}.${header(headers, 'webhook-timestamp')}.${content}`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = Buffer.from(`v1,${crypto.createHmac('sha256', key).update(signed).digest('base64')}`);
  return (header(headers, 'webhook-signature') || '').split(' ').some((given) => {
    const one = Buffer.from(given);
    return one.length === expected.length && crypto.timingSafeEqual(one, expected);
  });
};

module.exports = { isFromHub };
