/** A speech provider for the Vercel AI SDK: `SpeechModelV3` (ai 6 and 7), and V4 with streaming (ai 7). */
import { APICallError, type SpeechModelV3, type SpeechModelV3CallOptions } from '@ai-sdk/provider'

import { refused } from './errors.js'
import { apiKey, hubUrl } from './settings.js'

type Warnings = Awaited<ReturnType<SpeechModelV3['doGenerate']>>['warnings']
type Result = Awaited<ReturnType<SpeechModelV3['doGenerate']>>
type JsonObject = NonNullable<SpeechModelV3CallOptions['providerOptions']>[string]

export interface SayhookSpeechOptions {
  /** `SAYHOOK_URL` when it is left out. */
  url?: string
  /** `SAYHOOK_API_KEY` when it is left out. */
  apiKey?: string
  fetch?: typeof fetch
}

export interface StreamOptions {
  text: ReadableStream<{ type: 'text'; text: string; voice?: string }>
  voice?: string
  outputFormat?: { type: string; rate?: number }
  instructions?: string
  speed?: number
  language?: string
  providerOptions?: Record<string, JsonObject>
  abortSignal?: AbortSignal
  headers?: Record<string, string | undefined>
  includeRawChunks?: boolean
}

export type StreamPart =
  | { type: 'stream-start'; warnings: Warnings }
  | { type: 'response-metadata'; timestamp: Date; modelId: string; headers: Record<string, string> }
  | { type: 'audio'; audio: Uint8Array; audioFormat: { type: string; rate?: number } }
  | { type: 'finish'; usage: { inputCharacters: number }; providerMetadata: Record<string, JsonObject> }

/** The AI SDK's streaming speech model, by its shape: the SDK that declares it needs a newer Node than the rest. */
export interface StreamingSpeechModel {
  readonly specificationVersion: 'v4'
  readonly provider: string
  readonly modelId: string
  doGenerate(options: SpeechModelV3CallOptions): Promise<Result>
  doStream(options: StreamOptions): Promise<{ stream: ReadableStream<StreamPart>; request: { body: unknown } }>
}

export interface SayhookSpeech {
  /** `voice`: a saved voice's id or name, a stock voice's name, or a description in plain English. */
  speech(voice?: string): SpeechModelV3
  speechModel(voice?: string): SpeechModelV3
  /** The same for `experimental_streamSpeech` of ai 7: the audio begins before the last word is made. */
  streamingSpeech(voice?: string): StreamingSpeechModel
}

const FORMATS: Record<string, string> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  pcm: 'audio/pcm',
}
const RATE = 24_000
const DEFAULT_VOICE = 'alloy'

export function createSayhookSpeech(options: SayhookSpeechOptions = {}): SayhookSpeech {
  const speech = (voice = DEFAULT_VOICE): SpeechModelV3 => ({
    specificationVersion: 'v3',
    provider: 'sayhook.speech',
    modelId: voice,
    doGenerate: (call) => generated(options, voice, call),
  })
  return {
    speech,
    speechModel: speech,
    streamingSpeech: (voice = DEFAULT_VOICE) => ({
      specificationVersion: 'v4',
      provider: 'sayhook.speech',
      modelId: voice,
      doGenerate: (call) => generated(options, voice, call),
      doStream: (call) => streamed(options, voice, call),
    }),
  }
}

async function generated(options: SayhookSpeechOptions, voice: string, call: SpeechModelV3CallOptions): Promise<Result> {
  const warnings: Warnings = []
  const format = formatOf(call.outputFormat, warnings)
  const body = bodyOf(call, call.text, voice, format)
  const answer = await asked(options, body, call)
  return {
    audio: new Uint8Array(await answer.arrayBuffer()),
    warnings,
    request: { body },
    response: { timestamp: new Date(), modelId: voice, headers: Object.fromEntries(answer.headers) },
    providerMetadata: metadataOf(answer),
  }
}

async function streamed(
  options: SayhookSpeechOptions,
  voice: string,
  call: StreamOptions,
): Promise<{ stream: ReadableStream<StreamPart>; request: { body: unknown } }> {
  const warnings: Warnings = []
  let text = ''
  let chosen = call.voice
  for await (const part of call.text) {
    text += part.text
    chosen ??= part.voice
  }
  const format = formatOf(call.outputFormat?.type.replace(/^audio\//, '') ?? 'pcm', warnings)
  const rate = call.outputFormat?.rate
  if (rate !== undefined && rate !== RATE) warnings.push({ type: 'unsupported', feature: 'outputFormat.rate', details: `It is always ${RATE}.` })
  const body = bodyOf({ ...call, ...(chosen !== undefined && { voice: chosen }) }, text, voice, format)
  const answer = await asked(options, body, call)
  const audioFormat = { type: FORMATS[format] ?? 'audio/mpeg', ...(format === 'pcm' && { rate: RATE }) }
  const stream = (answer.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
    new TransformStream<Uint8Array, StreamPart>({
      start(out) {
        out.enqueue({ type: 'stream-start', warnings })
        out.enqueue({ type: 'response-metadata', timestamp: new Date(), modelId: voice, headers: Object.fromEntries(answer.headers) })
      },
      transform: (audio, out) => out.enqueue({ type: 'audio', audio, audioFormat }),
      flush: (out) => out.enqueue({ type: 'finish', usage: { inputCharacters: text.length }, providerMetadata: metadataOf(answer) }),
    }),
  )
  return { stream, request: { body } }
}

type Wishes = Pick<StreamOptions, 'voice' | 'instructions' | 'speed' | 'language' | 'providerOptions'>

function bodyOf(call: Wishes, text: string, voice: string, format: string): JsonObject {
  const { voice: given, instructions, speed, language, providerOptions } = call
  const wished = { instructions, speed, language, ...providerOptions?.sayhook }
  const known = Object.entries(wished).filter(([, value]) => value !== undefined)
  return { input: text, voice: given ?? voice, response_format: format, ...Object.fromEntries(known) }
}

function formatOf(wanted: string | undefined, warnings: Warnings): string {
  const format = wanted === 'mpeg' ? 'mp3' : wanted === 'ogg' ? 'opus' : (wanted ?? 'mp3')
  if (format in FORMATS) return format
  warnings.push({ type: 'unsupported', feature: 'outputFormat', details: `${format} is not made here; this is mp3.` })
  return 'mp3'
}

async function asked(
  options: SayhookSpeechOptions,
  body: JsonObject,
  call: { abortSignal?: AbortSignal; headers?: Record<string, string | undefined> },
): Promise<Response> {
  const url = `${hubUrl(options.url)}/v1/audio/speech`
  const given = Object.entries(call.headers ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const headers = { ...Object.fromEntries(given), 'content-type': 'application/json', authorization: `Bearer ${apiKey(options.apiKey)}` }
  const init: RequestInit = { method: 'POST', headers, body: JSON.stringify(body), ...(call.abortSignal && { signal: call.abortSignal }) }
  let answer: Response
  try {
    answer = await (options.fetch ?? fetch)(url, init)
  } catch (cause) {
    if (call.abortSignal?.aborted) throw cause
    throw new APICallError({ message: 'The hub did not answer.', url, requestBodyValues: body, cause, isRetryable: true })
  }
  if (answer.ok) return answer
  const responseBody = await answer.text()
  let told: unknown
  try {
    told = JSON.parse(responseBody)
  } catch {
    told = undefined
  }
  const error = refused(answer, told)
  throw new APICallError({
    message: error.message,
    url,
    requestBodyValues: body,
    statusCode: answer.status,
    responseHeaders: Object.fromEntries(answer.headers),
    responseBody,
    isRetryable: error.isRetryable,
  })
}

function metadataOf(answer: Response): Record<string, JsonObject> {
  return { sayhook: { generationId: answer.headers.get('generation-id') ?? '', statusUrl: answer.headers.get('location') ?? '' } }
}
