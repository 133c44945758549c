import { type VerifiedMessage, WebhookRefused } from './webhooks.js'

/**
 * Where it is kept which messages came already, like Redis's `SET key 1 NX EX seconds`.
 *
 * The one in memory is for one process. With several, or where processes come and go, give one that they share.
 */
export interface Claims {
  /** Whether `key` was free; it is taken for so many seconds then. */
  take(key: string, seconds: number): boolean | Promise<boolean>
  /** Whether `key` is taken. */
  has(key: string): boolean | Promise<boolean>
  release(key: string): void | Promise<void>
}

const REPLAY_SECONDS = 15 * 60
/** As long as a host lets a function run; one that was cut off is not waited for longer. */
const BUSY_SECONDS = 5 * 60
const REPEAT_SECONDS = 4 * 24 * 60 * 60
const MOST = 10_000

export function claimsInMemory(now: () => number = () => Date.now() / 1000): Claims {
  const taken = new Map<string, number>()
  return {
    take(key, seconds) {
      if ((taken.get(key) ?? 0) > now()) return false
      taken.delete(key)
      for (const [old, until] of taken) {
        if (taken.size < MOST && until > now()) break
        taken.delete(old)
      }
      taken.set(key, now() + seconds)
      return true
    },
    has: (key) => (taken.get(key) ?? 0) > now(),
    release: (key) => void taken.delete(key),
  }
}

/**
 * Does `work` for each message until it was done once. A hub that had no answer tries again, with a new time: that is a
 * repeat, and well. While the work of an earlier try goes on it is told to come back; work that was cut off is done
 * anew. The very same bytes at the very same time are somebody else's: a replay. Both throw WebhookRefused.
 */
export async function once(claims: Claims, message: VerifiedMessage, work: () => unknown): Promise<'done' | 'repeat'> {
  if (!(await claims.take(`try:${message.id}.${message.timestamp}`, REPLAY_SECONDS))) {
    throw new WebhookRefused('This message was sent again by somebody who had seen it.', 409, 'replayed')
  }
  const [busy, done] = [`busy:${message.id}`, `done:${message.id}`]
  if (!(await claims.take(busy, BUSY_SECONDS))) {
    throw new WebhookRefused('An earlier try of this message is still at work.', 503, 'busy')
  }
  try {
    if (await claims.has(done)) return 'repeat'
    await work()
    await claims.take(done, REPEAT_SECONDS)
  } finally {
    await claims.release(busy)
  }
  return 'done'
}
