import { SayhookError } from './errors.js'
import { WebhookRefused } from './webhooks.js'

/** A refusal of ours, before the hub is asked. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

const UNKEPT = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(value, { status, headers: { ...UNKEPT, ...headers } })
}

/** A problem document (RFC 9457). What is wrong between this server and the hub is not the visitor's to know. */
export function problem(error: unknown): Response {
  if (error instanceof Refused || error instanceof WebhookRefused) return told(error.status, error.code, error.message)
  if (!(error instanceof SayhookError)) throw error
  const headers: Record<string, string> = error.retryAfter ? { 'retry-after': String(Math.ceil(error.retryAfter)) } : {}
  if ([400, 404, 409, 422].includes(error.status)) {
    return told(error.status, error.code, error.message)
  }
  if (error.status === 429 || error.status === 503) return told(503, 'busy', 'Try again in a moment.', headers)
  console.error(`sayhook: ${error.code} (${error.status}) ${error.message} ${error.requestId ?? ''}`, error.cause ?? '')
  return told(502, 'voice_unavailable', 'The voice is not available now.', headers)
}

function told(status: number, code: string, detail: string, headers: Record<string, string> = {}): Response {
  const body = { type: 'about:blank', title: code, status, detail, code }
  return json(body, status, { 'content-type': 'application/problem+json', ...headers })
}

/** The body as text, refused while it is read once it is larger. */
export async function boundedText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new WebhookRefused(`The body is larger than ${limit} bytes.`, 413, 'too_large')
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  const reader = request.body?.getReader()
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > limit) {
      await reader.cancel()
      throw tooLarge()
    }
    text += decoder.decode(value, { stream: true })
  }
  return text + decoder.decode()
}
