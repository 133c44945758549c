'use client'
/** Voices in the browser: a hook that talks to the app's own route handlers, and players without any style. */
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'

import { SayhookError, secondsOf } from './errors.js'
import type { VoiceFields } from './fields.js'
import type { VoiceStatus } from './next.js'
import { poll } from './polling.js'

export type { VoiceFields, VoiceStatus }

export interface Voiceover {
  state: 'idle' | 'working' | 'ready' | 'failed'
  /** 0 to 1. */
  progress: number
  /** The finished audio. Its address runs out after a while: play it, do not keep it. */
  audio: VoiceStatus | null
  /** Plain words for the visitor. */
  error: string | null
  speak(fields: VoiceFields | string): Promise<VoiceStatus | null>
  cancel(): void
}

const IDLE = { state: 'idle', progress: 0, audio: null, error: null } as const

/** Orders audio from `endpoint`, where `createVoiceRoutes` answers, and waits for it. One order at a time. */
export function useVoiceover({ endpoint = '/api/voice' }: { endpoint?: string } = {}): Voiceover {
  const [shown, show] = useState<Omit<Voiceover, 'speak' | 'cancel'>>(IDLE)
  const running = useRef<AbortController | null>(null)

  const cancel = useCallback(() => {
    running.current?.abort()
    running.current = null
    show(IDLE)
  }, [])

  const speak = useCallback<Voiceover['speak']>(
    async (given) => {
      running.current?.abort()
      const own = (running.current = new AbortController())
      const tell = (next: Omit<Voiceover, 'speak' | 'cancel'>) => running.current === own && show(next)
      tell({ ...IDLE, state: 'working' })
      try {
        const fields = typeof given === 'string' ? { text: given } : given
        const key = crypto.randomUUID()
        const { ticket } = await ordered(endpoint, fields, key, own.signal)
        const audio = await poll(async () => {
          const { body, retryAfter } = await asked(`${endpoint}/status/${ticket}`, { signal: own.signal })
          tell({ ...IDLE, state: 'working', progress: body.progress })
          return { value: body, done: ['completed', 'failed', 'cancelled'].includes(body.status), retryAfter }
        }, { signal: own.signal, sleep: whileSeen })
        if (audio.status !== 'completed') throw new SayhookError(audio.error?.message ?? 'It could not be spoken.', 0, 'failed')
        tell({ state: 'ready', progress: 1, audio, error: null })
        return audio
      } catch (error) {
        if (!own.signal.aborted) tell({ ...IDLE, state: 'failed', error: error instanceof Error ? error.message : String(error) })
        return null
      }
    },
    [endpoint],
  )

  useEffect(() => () => running.current?.abort(), [])
  return { ...shown, speak, cancel }
}

/** Sent again after a bad answer with the same key, so that nothing is spoken or charged twice. */
function ordered(endpoint: string, fields: VoiceFields, key: string, signal: AbortSignal): Promise<VoiceStatus> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(fields),
    signal,
  }
  const look = async () => ({ value: (await asked(`${endpoint}/generate`, init)).body, done: true })
  return poll(look, { signal, budget: 30_000 })
}

async function asked(url: string, init: RequestInit): Promise<{ body: VoiceStatus; retryAfter: number | undefined }> {
  let answer: Response
  try {
    answer = await fetch(url, { cache: 'no-store', credentials: 'same-origin', ...init })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new SayhookError('The connection was lost.', 0, 'unreachable')
  }
  const body = await answer.json().catch(() => ({}))
  const retryAfter = secondsOf(answer.headers.get('retry-after'))
  if (!answer.ok) {
    throw new SayhookError(body.detail ?? `The server answered ${answer.status}.`, answer.status, body.code ?? '', undefined, retryAfter)
  }
  return { body, retryAfter }
}

/** Waits, and as long as nobody looks at the page. */
async function whileSeen(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    setTimeout(resolve, milliseconds)
  })
  while (document.hidden) {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      document.addEventListener('visibilitychange', () => resolve(), { once: true })
    })
  }
}

export interface PlayerProps {
  src: string
  /** What is heard, for everybody; it also names the controls for screen readers. */
  label: string
  /** WebVTT. */
  captions?: string | null | undefined
  language?: string
  autoPlay?: boolean
  className?: string
}

/** The browser's own controls, named: keyboard, screen reader and touch work as people know them. */
export function Player({ src, label, captions, language, autoPlay, className }: PlayerProps): ReactNode {
  return (
    <figure className={className} data-sayhook="player">
      <figcaption>{label}</figcaption>
      <audio controls preload={autoPlay ? 'auto' : 'none'} autoPlay={autoPlay} src={src} aria-label={label} crossOrigin={captions ? 'anonymous' : undefined}>
        {captions ? <track kind="captions" src={captions} srcLang={language} default /> : null}
      </audio>
    </figure>
  )
}

export interface ListenProps {
  fields: VoiceFields | string
  endpoint?: string
  /** The button's words; "Listen" unless it is given. */
  children?: ReactNode
  label?: string
  className?: string
}

/** A button that has something spoken, tells how far it is, and becomes a player. */
export function Listen({ fields, endpoint, children = 'Listen', label = 'Audio', className }: ListenProps): ReactNode {
  const voice = useVoiceover(endpoint === undefined ? {} : { endpoint })
  const busy = voice.state === 'working'
  if (voice.audio?.output_url) return <Player src={voice.audio.output_url} captions={voice.audio.captions_url} label={label} autoPlay {...(className && { className })} />
  return (
    <div className={className} data-sayhook="listen" data-state={voice.state}>
      <button type="button" aria-disabled={busy} onClick={() => void (busy || voice.speak(fields))}>
        {children}
      </button>
      <span role="status">
        {busy ? `Speaking, ${Math.round(voice.progress * 100)} %` : null}
        {voice.error}
      </span>
    </div>
  )
}
