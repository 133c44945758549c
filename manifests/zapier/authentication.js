'use strict';

const { base, get } = require('./lib/hub');

const SCOPES = [
  'speech:write',
  'speech:read',
  'voices:write',
  'voices:read',
  'connections:read',
  'account:read',
  'webhooks:write',
];

const askForToken = async (z, fields) =>
  z.request({
    url: `${base()}/oauth/token`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: { ...fields, client_id: process.env.CLIENT_ID, client_secret: process.env.CLIENT_SECRET },
    skipThrowForStatus: true,
  });

const tokensIn = (z, response) => {
  const { access_token, refresh_token, error, error_description } = response.data || {};
  if (response.status === 200) {
    return { access_token, refresh_token };
  }
  if (response.status >= 500) {
    throw new z.errors.Error('Sayhook does not answer just now. Try again in a minute.', 'unavailable', 503);
  }
  throw new z.errors.Error(error_description || 'Sayhook refused the sign-in.', error, response.status);
};

const getAccessToken = async (z, bundle) => {
  const { code, redirect_uri, code_verifier } = bundle.inputData;
  const fields = { grant_type: 'authorization_code', code, redirect_uri, code_verifier };
  return tokensIn(z, await askForToken(z, fields));
};

/** Only a dead refresh token asks the user to reconnect; an outage must not. */
const refreshAccessToken = async (z, bundle) => {
  const fields = { grant_type: 'refresh_token', refresh_token: bundle.authData.refresh_token };
  const response = await askForToken(z, fields);
  if (response.data && response.data.error === 'invalid_grant') {
    throw new z.errors.ExpiredAuthError(
      'Your connection to Sayhook has ended. Reconnect your account under Apps in Zapier.',
    );
  }
  return tokensIn(z, response);
};

module.exports = {
  type: 'oauth2',
  fields: [],
  test: (z) => get(z, '/v1/account'),
  connectionLabel: '{{email}}',
  oauth2Config: {
    authorizeUrl: (z, bundle) => {
      const asked = new URLSearchParams({
        response_type: 'code',
        client_id: process.env.CLIENT_ID || '',
        redirect_uri: bundle.inputData.redirect_uri,
        state: bundle.inputData.state,
        scope: SCOPES.join(' '),
      });
      return `${base()}/oauth/authorize?${asked}`;
    },
    getAccessToken,
    refreshAccessToken,
    scope: SCOPES.join(' '),
    autoRefresh: true,
    enablePkce: true,
  },
};
