/**
 * What the hub, or the way to it, refused.
 *
 * `status` is 0 when there was no answer. `code` and `requestId` are those of the hub's problem document (RFC 9457).
 */
export class SayhookError extends Error {
  override readonly name = 'SayhookError'

  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId?: string,
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  /** Whether the same request may succeed later. */
  get isRetryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** The error that an answer of the hub stands for; `problem` is its body, read as JSON where it is some. */
export function refused(response: Response, problem: unknown): SayhookError {
  const told = typeof problem === 'object' && problem !== null ? (problem as Record<string, unknown>) : {}
  const text = (name: string) => (typeof told[name] === 'string' ? (told[name] as string) : undefined)
  return new SayhookError(
    text('detail') ?? `The hub answered ${response.status}.`,
    response.status,
    text('code') ?? 'unknown',
    text('request_id'),
    secondsOf(response.headers.get('retry-after')),
  )
}

/** `Retry-After` in seconds (RFC 9110, section 10.2.3); a date counts from `now`. */
export function secondsOf(value: string | null, now = Date.now()): number | undefined {
  if (!value) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}
