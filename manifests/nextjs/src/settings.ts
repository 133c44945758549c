import { SayhookError } from './errors.js'

declare const process: { env: Record<string, string | undefined> }

/** What may be left out because it stands in the environment. The names are written out: bundlers look for them. */
export function hubUrl(given?: string): string {
  return required(given ?? process.env.SAYHOOK_URL, 'SAYHOOK_URL').replace(/\/+$/, '')
}

export function apiKey(given?: string): string {
  return required(given ?? process.env.SAYHOOK_API_KEY, 'SAYHOOK_API_KEY')
}

/** Several, separated by spaces, while a secret is being replaced. */
export function webhookSecrets(given?: string | readonly string[]): readonly string[] {
  const found = given ?? required(process.env.SAYHOOK_WEBHOOK_SECRET, 'SAYHOOK_WEBHOOK_SECRET')
  const secrets = typeof found === 'string' ? found.split(/\s+/) : found
  return secrets.map((secret) => secret.trim()).filter(Boolean)
}

function required(value: string | undefined, name: string): string {
  if (!value?.trim()) throw new SayhookError(`${name} is not set.`, 500, 'not_configured')
  return value.trim()
}
