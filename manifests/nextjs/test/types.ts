// What we declare for ai 7 by its shape is what the provider of ai 7 declares, which needs a newer Node than the rest.
import type { experimental_generateSpeech as generateSpeech } from 'ai-7'
import type {
  Experimental_StreamingSpeechModelV4 as StreamingSpeechModelV4,
  ProviderV4,
} from '../node_modules/ai-7/node_modules/@ai-sdk/provider/dist/index.js'

import { createSayhookSpeech } from '@sayhook/next/ai'

const sayhook = createSayhookSpeech()
export const streaming: StreamingSpeechModelV4 = sayhook.streamingSpeech()
export const provided: ReturnType<NonNullable<ProviderV4['speechModel']>> = sayhook.streamingSpeech()
export const taken: Parameters<typeof generateSpeech>[0]['model'] = sayhook.speech()
