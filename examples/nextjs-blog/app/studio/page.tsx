import { Listen } from '@sayhook/next/react'

import { posts } from '@/lib/posts'

const RUNTIMES = [
  { name: 'Node.js', publish: '/api/publish', voice: '/api/voice' },
  { name: 'Edge', publish: '/api/edge/publish', voice: '/api/edge/voice' },
]

export default function Studio() {
  return (
    <>
      <h1>Studio</h1>
      {RUNTIMES.map((runtime) => (
        <section key={runtime.name} aria-label={runtime.name}>
          <h2>{runtime.name}</h2>
          {posts.map((post) => (
            <form key={post.slug} method="post" action={runtime.publish}>
              <input type="hidden" name="slug" value={post.slug} />
              <button type="submit">Publish “{post.title}”</button>
            </form>
          ))}
          <Listen endpoint={runtime.voice} fields="Good evening from the sea." label="The voice">
            Hear the voice
          </Listen>
        </section>
      ))}
    </>
  )
}
