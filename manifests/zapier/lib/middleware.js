'use strict';

const { isHub } = require('./hub');

const USUAL_WAIT = 30;

/** The token goes to the hub and nowhere else: files of other steps are fetched through here too. */
const addToken = (request, z, bundle) => {
  const token = bundle.authData && bundle.authData.access_token;
  if (token && isHub(request.url)) {
    request.headers.Authorization = `Bearer ${token}`;
  }
  return request;
};

/** The hub's problem details in its own words. Core has dealt with 401 (refresh) and 429 (wait) before. */
const explainFailure = (response, z) => {
  if (response.status < 400 || response.skipThrowForStatus || !isHub(response.request.url)) {
    return response;
  }
  const problem = problemOf(response);
  if (response.status === 503) {
    const wait = parseInt(response.getHeader('retry-after'), 10) || USUAL_WAIT;
    throw new z.errors.ThrottledError(problem.detail || 'Sayhook is busy. The step will run again.', wait);
  }
  if (problem.detail) {
    throw new z.errors.Error(problem.detail, problem.code, response.status);
  }
  return response;
};

const problemOf = (response) => {
  try {
    const problem = typeof response.data === 'object' ? response.data : JSON.parse(response.content);
    return problem || {};
  } catch {
    return {};
  }
};

module.exports = { addToken, explainFailure };
