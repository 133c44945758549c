import { SayhookError } from './errors.js'

/** What one look found: the value so far, and how long the hub asks to be left alone, in seconds. */
export interface Look<T> {
  value: T
  done: boolean
  retryAfter?: number | undefined
}

/** How patiently to wait. `random` and `sleep` are arguments so that a test can decide them. */
export interface Patience {
  /** Milliseconds in all; ten minutes unless it is given. */
  budget?: number
  signal?: AbortSignal | undefined
  random?: () => number
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  now?: () => number
}

const FIRST = 500
const GROWTH = 1.6
const LONGEST = 5000
const BUDGET = 10 * 60 * 1000

/**
 * Looks until it is done: after 0.5 s, then 1.6 times longer each time up to 5 s, each times 0.5 to 1.5 by chance, so
 * that many visitors do not ask at once. `Retry-After` wins. An answer that may be better later is not the end.
 *
 * When the budget is used up it throws the last bad answer, or SayhookError `timeout`; and the signal's reason when it is aborted.
 */
export async function poll<T>(look: () => Promise<Look<T>>, patience: Patience = {}): Promise<T> {
  const { budget = BUDGET, signal, random = Math.random, sleep = pause, now = Date.now } = patience
  const end = now() + budget
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted()
    let wanted: number | undefined
    let last: SayhookError | undefined
    try {
      const found = await look()
      if (found.done) return found.value
      wanted = found.retryAfter
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof SayhookError) || !error.isRetryable) throw error
      last = error
      wanted = error.retryAfter
    }
    const usual = Math.min(LONGEST, FIRST * GROWTH ** tries) * (0.5 + random())
    const wait = Math.max(usual, (wanted ?? 0) * 1000)
    if (now() + wait > end) throw last ?? new SayhookError('The audio was not ready in time.', 0, 'timeout')
    await sleep(wait, signal)
  }
}

/** Resolves after a while, or rejects with the signal's reason. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
