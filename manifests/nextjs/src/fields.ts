import { Refused } from './answers.js'
import type { GenerateFields } from './client.js'

/** What a browser may ask for; callback addresses and metadata are the server's. */
export type VoiceFields = Pick<
  GenerateFields,
  'text' | 'language' | 'voice_description' | 'voice_id' | 'seed' | 'format'
>

const MOST_LETTERS = 500
const TEXTS: Record<string, number> = { text: 5000, language: 20, voice_description: 1000, voice_id: 36, format: 10 }

/** Checked fields. Throws Refused; what is left, such as a language that is not spoken, the hub refuses. */
export function checkedFields(given: unknown): VoiceFields {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new Refused(400, 'body_invalid', 'The body must be a JSON object.')
  }
  for (const [name, value] of Object.entries(given)) {
    const longest = TEXTS[name]
    const fits = name === 'seed' ? Number.isSafeInteger(value) : typeof value === 'string' && value.length <= (longest ?? 0)
    if (name !== 'seed' && longest === undefined) throw new Refused(422, 'field_unknown', `${name.slice(0, 40)} is not known here.`)
    if (!fits) throw new Refused(422, 'field_invalid', `${name} is not of the right form.`)
  }
  const fields = given as VoiceFields
  const text = (fields.text ?? '').trim()
  if (!text) throw new Refused(400, 'text_empty', 'Text cannot be empty.')
  if ([...text].length > MOST_LETTERS) throw new Refused(400, 'text_too_long', `Text must be at most ${MOST_LETTERS} characters.`)
  return { ...fields, text }
}
