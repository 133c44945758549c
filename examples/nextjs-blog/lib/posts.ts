export interface Post {
  slug: string
  title: string
  date: string
  text: string
}

/** In place of a CMS. */
export const posts: readonly Post[] = [
  {
    slug: 'tide-tables',
    title: 'How to read a tide table',
    date: '2026-11-20',
    text: '<p>A tide table tells when the water is high, and how high. Find your harbour, then the day.</p>',
  },
  {
    slug: 'lighthouse',
    title: 'A night at the lighthouse',
    date: '2026-11-21',
    text: '<p>The lamp turns once in ten seconds. After an hour one no longer sees it, only its absence.</p>',
  },
]

export function postNamed(slug: string): Post | undefined {
  return posts.find((post) => post.slug === slug)
}
