import { refused, SayhookError } from './errors.js'
import { sign } from './webhooks.js'
import { webhookSecrets } from './settings.js'

declare const process: { env: Record<string, string | undefined> }

/** Something that was published. `id` names it; `text` may be plain or HTML; the connection's template may read all. */
export interface Announcement {
  id: string
  title: string
  text: string
  language?: string
  /** When it was saved, ISO 8601: an older text that comes late does not replace a newer one. */
  updated_at?: string
  [more: string]: unknown
}

export interface AnnounceOptions {
  /** The address that the connection shows; `SAYHOOK_HOOK_URL` when left out. */
  hook?: string
  /** `SAYHOOK_WEBHOOK_SECRET` when left out. */
  secret?: string
  type?: 'post.published' | 'post.updated' | 'post.removed'
  signal?: AbortSignal
  fetch?: typeof fetch
}

/**
 * Tells the hub, through a Next.js connection, that something was published. The audio comes back as `audio.ready`.
 *
 * Telling it twice costs nothing: what sounds as before is not spoken again. Throws SayhookError.
 */
export async function announce(thing: Announcement, options: AnnounceOptions = {}): Promise<void> {
  const hook = options.hook ?? process.env.SAYHOOK_HOOK_URL
  if (!hook) throw new SayhookError('SAYHOOK_HOOK_URL is not set.', 500, 'not_configured')
  const secret = webhookSecrets(options.secret)[0] ?? ''
  const body = JSON.stringify({
    type: options.type ?? 'post.published',
    timestamp: new Date().toISOString(),
    data: thing,
  })
  const headers = { 'content-type': 'application/json', ...(await sign(secret, body)) }
  const signal = options.signal ?? AbortSignal.timeout(15_000)
  const answer = await (options.fetch ?? fetch)(hook, { method: 'POST', headers, body, signal, cache: 'no-store' })
  if (!answer.ok) throw refused(answer, await answer.json().catch(() => undefined))
}
