import { createVoiceRoutes } from '@sayhook/next/next'
import { sign } from '@sayhook/next/webhooks'

import { isAuthor } from '@/lib/author'

export const runtime = 'edge'

/** The same at the edge. It has no disk, so what it has verified it hands on, signed, to the route that has one. */
export const { GET, POST } = createVoiceRoutes({
  authorize: async (request) => (await isAuthor(request.headers)) && 'author',
  webhookSecret: process.env.SAYHOOK_EDGE_WEBHOOK_SECRET ?? '',
  async onEvent({ type, data, messageId }) {
    const body = JSON.stringify({ type, data })
    const headers = await sign(process.env.SAYHOOK_WEBHOOK_SECRET ?? '', body, { id: `edge_${messageId}` })
    const answer = await fetch(new URL('/api/voice/webhook', process.env.SITE_URL), { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`The route with the disk answered ${answer.status}.`)
  },
})
