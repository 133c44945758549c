/** Standard Webhooks 1.0 with Web Crypto: what the hub sends, verified; what is sent to the hub, signed. */
import { webhookSecrets } from './settings.js'

const TOLERANCE = 300
const MOST_SIGNATURES = 10
const encoder = new TextEncoder()

/** Why a message is not let in; `status` is what to answer. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused'

  constructor(
    message: string,
    readonly status: 400 | 401 | 409 | 413 | 500 | 503,
    readonly code: string,
  ) {
    super(message)
  }
}

/** A message whose sender is known. `id` is the same each time it is tried, `timestamp` (unix seconds) is each try's. */
export interface VerifiedMessage {
  id: string
  timestamp: number
  body: string
}

export interface VerifyOptions {
  /** `whsec_…`, one or several that are live; `SAYHOOK_WEBHOOK_SECRET` when left out. */
  secret?: string | readonly string[]
  /** Seconds that the message's time may lie before or after ours; 300 unless it is given. */
  tolerance?: number
  /** Unix seconds. */
  now?: number
}

/** Throws WebhookRefused unless one of the secrets signed exactly this body, a short while ago. */
export async function verify(
  headers: Headers | Record<string, string | undefined>,
  body: string | Uint8Array,
  options: VerifyOptions = {},
): Promise<VerifiedMessage> {
  const secrets = webhookSecrets(options.secret)
  if (!secrets.length) throw new WebhookRefused('No secret is configured.', 500, 'secret_missing')
  const id = header(headers, 'webhook-id')
  const stamp = header(headers, 'webhook-timestamp')
  if (!/^[\x21-\x2d\x2f-\x7e]{1,255}$/.test(id)) throw malformed('webhook-id')
  if (!/^\d{1,12}$/.test(stamp)) throw malformed('webhook-timestamp')
  const given = header(headers, 'webhook-signature').split(' ').slice(0, MOST_SIGNATURES)
  const content = signedContent(id, stamp, body)
  let matches = false
  for (const secret of secrets) {
    const key = await keyOf(secret, 'verify')
    for (const signature of given) {
      const bytes = signature.startsWith('v1,') ? bytesOf(signature.slice(3)) : undefined
      if (bytes && (await crypto.subtle.verify('HMAC', key, bytes, content))) matches = true
    }
  }
  if (!matches) throw new WebhookRefused('No live secret made this signature.', 401, 'signature_mismatch')
  const timestamp = Number(stamp)
  const now = options.now ?? Date.now() / 1000
  if (Math.abs(now - timestamp) > (options.tolerance ?? TOLERANCE)) {
    throw new WebhookRefused('The message is too old, or from the future.', 400, 'outside_window')
  }
  return { id, timestamp, body: typeof body === 'string' ? body : new TextDecoder().decode(body) }
}

/** The three headers that sign `body`. */
export async function sign(
  secret: string,
  body: string | Uint8Array,
  { id = `msg_${crypto.randomUUID().replaceAll('-', '')}`, now = Date.now() / 1000 } = {},
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const stamp = String(Math.floor(now))
  const made = await crypto.subtle.sign('HMAC', await keyOf(secret, 'sign'), signedContent(id, stamp, body))
  const value = btoa(String.fromCharCode(...new Uint8Array(made)))
  return { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': `v1,${value}` }
}

function header(headers: Headers | Record<string, string | undefined>, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  if (!value) throw new WebhookRefused(`The header ${name} is missing.`, 400, 'header_missing')
  return value
}

function malformed(name: string): WebhookRefused {
  return new WebhookRefused(`The header ${name} is malformed.`, 400, 'malformed')
}

function signedContent(id: string, stamp: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body
  const start = encoder.encode(`${id}.${stamp}.`)
  const whole = new Uint8Array(start.length + bytes.length)
  whole.set(start)
  whole.set(bytes, start.length)
  return whole
}

async function keyOf(secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const raw = secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : undefined
  if (!raw || raw.length < 24 || raw.length > 64) {
    throw new WebhookRefused('The secret must be whsec_ and 24 to 64 bytes in base64.', 500, 'secret_malformed')
  }
  return crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}
