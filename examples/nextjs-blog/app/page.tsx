import Link from 'next/link'

import { posts } from '@/lib/posts'

export default function Home() {
  return (
    <>
      <h1>By the sea</h1>
      <ul className="posts">
        {posts.map((post) => (
          <li key={post.slug}>
            <Link href={`/posts/${post.slug}`}>{post.title}</Link> <time dateTime={post.date}>{post.date}</time>
          </li>
        ))}
      </ul>
    </>
  )
}
