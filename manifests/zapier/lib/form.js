'use strict';

const FormData = require('form-data');

const nameIn = (response, url) => {
  const said = /filename="?([^";]+)/.exec(response.getHeader('content-disposition') || '');
  return said ? said[1] : decodeURIComponent(new URL(url).pathname.split('/').pop()) || 'file';
};

/** The fields as a multipart form, with the file that each of `files` ({field: url}) leads to. */
const formOf = async (z, fields, files) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  for (const [name, url] of Object.entries(files)) {
    const response = await z.request({ url, raw: true });
    form.append(name, await response.buffer(), {
      filename: nameIn(response, url),
      contentType: response.getHeader('content-type') || 'application/octet-stream',
    });
  }
  return form;
};

module.exports = { formOf };
