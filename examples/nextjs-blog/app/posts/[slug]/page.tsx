import { notFound } from 'next/navigation'

import { Player } from '@sayhook/next/react'

import { narrationOf } from '@/lib/narrations'
import { postNamed, posts } from '@/lib/posts'

export const dynamicParams = false

export function generateStaticParams() {
  return posts.map(({ slug }) => ({ slug }))
}

/** Made once, and again when the webhook says that the audio is there. */
export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params
  const post = postNamed(slug)
  if (!post) notFound()
  const narration = await narrationOf(slug)
  return (
    <article>
      <h1>{post.title}</h1>
      {narration ? <Player src={narration.audio_url} label="Listen to this post" /> : null}
      <div dangerouslySetInnerHTML={{ __html: post.text }} />
    </article>
  )
}
