import { publish } from '@/lib/publishing'

export const POST = (request: Request) => publish(request)
