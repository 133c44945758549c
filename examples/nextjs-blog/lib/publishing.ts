import { announce, type AnnounceOptions } from '@sayhook/next/next'

import { isAuthor, isOurForm } from './author'
import { postNamed } from './posts'

/** `POST` of the studio's form: the post is announced to the hub, and the author sees its page. */
export async function publish(request: Request, options: AnnounceOptions = {}): Promise<Response> {
  if (!isOurForm(request) || !(await isAuthor(request.headers))) return new Response('Not yours to publish.', { status: 403 })
  const post = postNamed(String((await request.formData()).get('slug')))
  if (!post) return new Response('There is no such post.', { status: 404 })
  await announce({ id: post.slug, title: post.title, text: post.text, updated_at: `${post.date}T00:00:00Z` }, options)
  const page = new URL(`/posts/${post.slug}`, process.env.SITE_URL)
  // Not Response.redirect: Next.js adds headers at the edge, and those of a redirect cannot be changed.
  return new Response(null, { status: 303, headers: { location: page.href } })
}
