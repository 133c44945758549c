/** Route handlers: the key stays here, browsers get tickets, and what the hub sends is verified. Web APIs only. */
import { boundedText, json, problem, Refused } from './answers.js'
import { type Claims, claimsInMemory, once } from './claims.js'
import { createSayhook, type GenerateFields, isFinal, type Sayhook, type SayhookOptions } from './client.js'
import { eventOf, type VoiceEvent } from './events.js'
import { checkedFields, type VoiceFields } from './fields.js'
import { apiKey } from './settings.js'
import { openTicket, seal, ticketFor } from './tickets.js'
import { verify, WebhookRefused } from './webhooks.js'

export { announce, type Announcement, type AnnounceOptions } from './announcing.js'
export { type Claims, claimsInMemory } from './claims.js'
export type { Narration, VoiceEvent } from './events.js'
export type { VoiceFields } from './fields.js'

const LARGEST_FORM = 32 * 1024
const LARGEST_MESSAGE = 256 * 1024

export interface VoiceRoutesOptions extends SayhookOptions {
  /**
   * Who asks: any text that names them and stays the same, such as a user's or a session's id. Without one the answer
   * is 401. Every visitor who gets through spends the hub's credits, so limit how often here too.
   */
  authorize(request: Request): string | null | undefined | false | Promise<string | null | undefined | false>
  /** What is really ordered; the place for a voice that visitors do not choose. */
  prepare?(fields: VoiceFields, request: Request): GenerateFields | Promise<GenerateFields>
  /** A verified message, once. When it throws, the hub tries again later. */
  onEvent?(event: VoiceEvent, request: Request): unknown
  /** `whsec_…`, one or several; `SAYHOOK_WEBHOOK_SECRET` when left out. */
  webhookSecret?: string | readonly string[]
  claims?: Claims
}

export interface VoiceRoutes {
  /** `POST …/generate`: answers 202 with `{ticket, status}`. */
  generate(request: Request): Promise<Response>
  /** `GET …/status/{ticket}`. */
  status(request: Request): Promise<Response>
  /** `POST …/webhook`: for the hub. */
  webhook(request: Request): Promise<Response>
  /** All three, for a catch-all `[...voice]/route.ts`. */
  GET(request: Request): Promise<Response>
  POST(request: Request): Promise<Response>
}

/** What a browser is told of a job. */
export interface VoiceStatus {
  ticket: string
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'
  progress: number
  output_url: string | null
  captions_url: string | null
  duration_seconds: number | null
  error: { code: string; message: string } | null
}

export function createVoiceRoutes(options: VoiceRoutesOptions): VoiceRoutes {
  const claims = options.claims ?? claimsInMemory()
  let made: Sayhook | undefined
  // Made at the first request: a build has no environment yet.
  const sayhook = () => (made ??= createSayhook(options))

  const generate = guarded(async (request) => {
    const subject = await subjectOf(options, request)
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
      throw new Refused(415, 'not_json', 'Send application/json.')
    }
    const fields = checkedFields(parsed(await boundedText(request, LARGEST_FORM)))
    const ordered = options.prepare ? await options.prepare(fields, request) : fields
    const given = request.headers.get('idempotency-key')?.slice(0, 255) || crypto.randomUUID()
    const key = apiKey(options.apiKey)
    const idempotencyKey = await seal(key, `idempotency:${subject}:${given}`)
    const accepted = await sayhook().generate(ordered, { idempotencyKey, signal: request.signal })
    return json({ ticket: await ticketFor(key, subject, accepted.id), status: accepted.status }, 202)
  })

  const status = guarded(async (request) => {
    const subject = await subjectOf(options, request)
    const ticket = segments(request).at(-1) ?? ''
    const id = await openTicket(apiKey(options.apiKey), subject, ticket)
    if (!id) throw new Refused(404, 'generation_not_found', 'Generation not found.')
    const found = await sayhook().status(id, { signal: request.signal })
    const shown: VoiceStatus = {
      ticket,
      status: found.status,
      progress: found.progress,
      output_url: found.output_url,
      captions_url: isFinal(found.status) ? (found.captions.vtt_url ?? null) : null,
      duration_seconds: found.duration_seconds,
      error: found.error && { code: found.error.code, message: found.error.message },
    }
    return json(shown)
  })

  const webhook = guarded(async (request) => {
    const body = await boundedText(request, LARGEST_MESSAGE)
    const secret = options.webhookSecret
    const message = await verify(request.headers, body, secret === undefined ? {} : { secret })
    const event = eventOf(message)
    if (!event) throw new WebhookRefused('The message is no event.', 400, 'no_event')
    await once(claims, message, () => options.onEvent?.(event, request))
    return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
  })

  return {
    generate,
    status,
    webhook,
    GET: (request) => (segments(request).at(-2) === 'status' ? status(request) : lost()),
    POST(request) {
      const last = segments(request).at(-1)
      return last === 'generate' ? generate(request) : last === 'webhook' ? webhook(request) : lost()
    },
  }
}

function guarded(work: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await work(request)
    } catch (error) {
      return problem(error)
    }
  }
}

async function subjectOf(options: VoiceRoutesOptions, request: Request): Promise<string> {
  const subject = await options.authorize(request)
  if (!subject) throw new Refused(401, 'not_signed_in', 'Sign in first.')
  return subject
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(400, 'body_invalid', 'The body is not JSON.')
  }
}

function segments(request: Request): string[] {
  return new URL(request.url).pathname.split('/').filter(Boolean)
}

async function lost(): Promise<Response> {
  return problem(new Refused(404, 'not_found', 'There is nothing here.'))
}
