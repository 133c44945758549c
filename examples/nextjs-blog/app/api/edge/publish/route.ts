import { publish } from '@/lib/publishing'

export const runtime = 'edge'

export const POST = (request: Request) =>
  publish(request, { hook: process.env.SAYHOOK_EDGE_HOOK_URL ?? '', secret: process.env.SAYHOOK_EDGE_WEBHOOK_SECRET ?? '' })
