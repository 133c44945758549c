'use strict';

const { get } = require('./hub');

/** A hidden trigger that fills a dropdown with `{id, name}`. */
const dropdown = ({ key, noun, path, rowOf, first = [], sample }) => ({
  key,
  noun,
  display: {
    label: `${noun} List`,
    description: `Triggers when the list of a dropdown is filled.`,
    hidden: true,
  },
  operation: {
    perform: async (z) => [...first, ...(await get(z, path)).data.map(rowOf)],
    sample,
    outputFields: [
      { key: 'id', label: 'ID', type: 'string', primary: true },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
});

module.exports = dropdown;
