import createClient, { type Client } from 'openapi-fetch'

import { refused, SayhookError } from './errors.js'
import { type Patience, poll } from './polling.js'
import type { components, paths } from './schema.js'
import { apiKey, hubUrl } from './settings.js'

export type GenerateFields = components['schemas']['GenerateFields']
export type Accepted = components['schemas']['Accepted']
export type GenerationStatus = components['schemas']['GenerationStatus']

export interface SayhookOptions {
  /** The hub's address; `SAYHOOK_URL` when it is left out. */
  url?: string
  /** `SAYHOOK_API_KEY` when it is left out. It must never reach a browser. */
  apiKey?: string
  fetch?: typeof fetch
  /** Milliseconds that one answer may take; 30 s unless it is given. */
  timeout?: number
}

export interface Sayhook {
  /** Every route of the hub, with the types of its `openapi.json`. */
  readonly api: Client<paths>
  /** Orders audio. Asked again with the same `idempotencyKey`, nothing happens twice. */
  generate(fields: GenerateFields, options?: { idempotencyKey?: string; signal?: AbortSignal }): Promise<Accepted>
  status(id: string, options?: { signal?: AbortSignal }): Promise<GenerationStatus>
  /** The final status; throws SayhookError with the code of what failed. */
  wait(id: string, patience?: Patience & { onStatus?: (status: GenerationStatus) => void }): Promise<GenerationStatus>
  /** `generate` and `wait`. */
  speak(fields: GenerateFields, patience?: Patience): Promise<GenerationStatus>
}

/** A client for servers and edge functions. Every call throws SayhookError when the hub refuses. */
export function createSayhook(options: SayhookOptions = {}): Sayhook {
  if (typeof document !== 'undefined') {
    throw new SayhookError('The API key belongs on the server: call a route handler from here.', 0, 'in_a_browser')
  }
  const send = options.fetch ?? fetch
  const api = createClient<paths>({
    baseUrl: hubUrl(options.url),
    headers: { authorization: `Bearer ${apiKey(options.apiKey)}` },
    fetch: (request) => answered(send, request, options.timeout ?? 30_000),
  })

  const status: Sayhook['status'] = async (id, { signal } = {}) => {
    const asked = { params: { path: { id } }, cache: 'no-store', ...(signal && { signal }) } as const
    const { data, error, response } = await api.GET('/v1/tts/status/{id}', asked)
    if (!data) throw refused(response, error)
    return data
  }
  const generate: Sayhook['generate'] = async (fields, { idempotencyKey, signal } = {}) => {
    const { data, error, response } = await api.POST('/v1/tts/generate', {
      params: { header: { 'Idempotency-Key': idempotencyKey ?? crypto.randomUUID() } },
      body: fields,
      ...(signal && { signal }),
    })
    if (!data) throw refused(response, error)
    return data
  }
  const wait: Sayhook['wait'] = async (id, { onStatus, ...patience } = {}) => {
    const last = await poll(async () => {
      const value = await status(id, patience.signal ? { signal: patience.signal } : {})
      onStatus?.(value)
      return { value, done: isFinal(value.status) }
    }, patience)
    if (last.status === 'completed') return last
    throw new SayhookError(last.error?.message ?? `The generation was ${last.status}.`, 0, last.error?.code ?? last.status)
  }
  return {
    api,
    generate,
    status,
    wait,
    async speak(fields, patience = {}) {
      const accepted = await generate(fields, patience.signal ? { signal: patience.signal } : {})
      return wait(accepted.id, patience)
    },
  }
}

export function isFinal(status: string): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** By its parts: the body of a Request is a stream, which would go out without its length. */
async function answered(send: typeof fetch, request: Request, timeout: number): Promise<Response> {
  const { method, headers, cache, signal } = request
  const body = request.body ? await request.arrayBuffer() : null
  // AbortSignal.any is not at every edge.
  const either = new AbortController()
  const stop = () => either.abort(signal.reason)
  const timer = setTimeout(() => either.abort(), timeout)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await send(request.url, { method, headers, cache, body, signal: either.signal })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new SayhookError('The hub did not answer.', 0, 'unreachable', undefined, undefined, { cause })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
