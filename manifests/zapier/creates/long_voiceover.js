'use strict';

const fields = require('../lib/fields');
const { formOf } = require('../lib/form');
const { present } = require('../lib/hub');
const { order, resume } = require('../lib/order');
const { outputFields, sample } = require('../lib/voiceover');

const perform = (z, bundle) => {
  const { text, file, section, text_kind, voice_description, voice_id, language, format, metadata } =
    bundle.inputData;
  if (!text && !file) {
    throw new z.errors.Error('Give a text to speak, or a file with the text.', 'text_empty', 400);
  }
  const told = text ? { text } : { section };
  const asked = present({ ...told, text_kind, voice_description, voice_id, language, format, metadata });
  if (text) {
    return order(z, bundle, asked);
  }
  return order(z, bundle, asked, (given) => formOf(z, given, { file }));
};

module.exports = {
  key: 'long_voiceover',
  noun: 'Voiceover',
  display: {
    label: 'Create Long Voiceover',
    description: 'Creates one audio file from a chapter, an article or a whole book section.',
  },
  operation: {
    inputFields: [
      {
        ...fields.text('Up to 50,000 characters, plain or Markdown. It is charged by parts of 500 characters.'),
        required: false,
      },
      {
        key: 'file',
        label: 'Text File',
        type: 'file',
        helpText: 'A text, Markdown or EPUB file, instead of the text.',
      },
      { key: 'section', label: 'Section of the Book', type: 'string', helpText: 'Which section of an EPUB file.' },
      {
        key: 'text_kind',
        label: 'Kind of Text',
        choices: { plain: 'Plain text', markdown: 'Markdown' },
        helpText:
          'In Markdown, headings become chapters and marks are not spoken. ' +
          'Left empty, a file whose name ends in .md is Markdown and all else plain text.',
      },
      fields.description,
      fields.savedVoice,
      fields.language,
      fields.format,
      fields.metadata,
      fields.wait,
    ],
    perform,
    performResume: resume,
    sample,
    outputFields,
  },
};
