import { revalidatePath } from 'next/cache'

import { createVoiceRoutes } from '@sayhook/next/next'

import { isAuthor } from '@/lib/author'
import { keepNarration } from '@/lib/narrations'
import { postNamed } from '@/lib/posts'

export const { GET, POST } = createVoiceRoutes({
  authorize: async (request) => (await isAuthor(request.headers)) && 'author',
  async onEvent(event) {
    if (event.type !== 'audio.ready' || !postNamed(event.data.id)) return
    await keepNarration(event.data)
    revalidatePath(`/posts/${event.data.id}`)
  },
})
