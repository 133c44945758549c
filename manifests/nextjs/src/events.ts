import type { components } from './schema.js'
import type { VerifiedMessage } from './webhooks.js'

/** Audio of something that was announced; `audio_url` stays the same when it is spoken anew. */
export interface Narration {
  /** What the announcement called it. */
  id: string
  audio_url: string
  duration_seconds: number
  media_type: string
  language: string
  generation_id: string
  spoken_hash: string
}

interface Envelope<Type extends string, Data> {
  type: Type
  /** The message's id: the same on every try, so the key against doing something twice. */
  messageId: string
  data: Data
}

type Status = components['schemas']['GenerationStatus']

/** What a hub sends: through a Next.js connection, to a callback address, or to a webhook endpoint. */
export type VoiceEvent =
  | Envelope<'audio.ready', Narration>
  | Envelope<'generation.completed' | 'generation.failed' | 'generation.cancelled', Status>
  | Envelope<'webhook.test' | 'voice.ready' | 'credits.low' | 'connection.broken' | 'connection.recovered', unknown>

/** The event of a verified message; undefined when it is none. A callback is a bare status without an envelope. */
export function eventOf(message: VerifiedMessage): VoiceEvent | undefined {
  let found: unknown
  try {
    found = JSON.parse(message.body)
  } catch {
    return undefined
  }
  if (typeof found !== 'object' || found === null) return undefined
  const { type, data, status } = found as { type?: unknown; data?: unknown; status?: unknown }
  if (typeof type === 'string') return { type, data, messageId: message.id } as VoiceEvent
  if (typeof status !== 'string') return undefined
  return { type: `generation.${status}`, data: found, messageId: message.id } as VoiceEvent
}
