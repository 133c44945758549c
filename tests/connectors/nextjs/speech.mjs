// The AI SDK's own functions over our provider and a real hub: what they return, as JSON.
import { experimental_generateSpeech as generateSpeech } from 'ai'
import { experimental_generateSpeech as generateSpeech7, experimental_streamSpeech as streamSpeech } from 'ai-7'

import { createSayhookSpeech } from '@sayhook/next/ai'

const sayhook = createSayhookSpeech()
const base64 = (bytes) => Buffer.from(bytes).toString('base64')
const text = 'Good morning from the sea.'

const whole = await generateSpeech({ model: sayhook.speech('a calm old man'), text, outputFormat: 'wav' })
const fresh = await generateSpeech7({ model: sayhook.streamingSpeech(), text, outputFormat: 'aac' })

const { audioStream } = streamSpeech({
  model: sayhook.streamingSpeech('a cheerful young woman'),
  text,
  outputFormat: { type: 'audio/pcm', rate: 24000 },
})
const pieces = []
for await (const piece of audioStream) pieces.push(piece)

const refused = await generateSpeech({
  model: createSayhookSpeech({ apiKey: 'shk_wrong' }).speech(),
  text,
  maxRetries: 0,
}).catch((error) => ({ name: error.name, status: error.statusCode, isRetryable: error.isRetryable }))

console.log(JSON.stringify({
  whole: { audio: base64(whole.audio.uint8Array), type: whole.audio.mediaType, warnings: whole.warnings, metadata: whole.providerMetadata },
  fresh: { audio: base64(fresh.audio.uint8Array), type: fresh.audio.mediaType, warnings: fresh.warnings },
  streamed: { pieces: pieces.length, audio: base64(Buffer.concat(pieces)) },
  refused,
}))
