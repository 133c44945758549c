/** HTTP Basic for the one author. A real app has its own sign-in; `isAuthor` is what it would replace. */
export async function isAuthor(headers: Headers): Promise<boolean> {
  const wanted = process.env.AUTHOR_PASSWORD
  const [word, value = ''] = (headers.get('authorization') ?? '').split(' ')
  if (!wanted || word !== 'Basic') return false
  try {
    return await same(atob(value), `author:${wanted}`)
  } catch {
    return false
  }
}

/** Browsers send Basic credentials along with other sites' forms too; those are not the author's wish. */
export function isOurForm(request: Request): boolean {
  const origin = request.headers.get('origin')
  return origin === null ? request.headers.get('sec-fetch-site') === 'same-origin' : origin === process.env.SITE_URL
}

async function same(given: string, wanted: string): Promise<boolean> {
  const digests = await Promise.all([given, wanted].map((text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
  const [first, second] = digests.map((digest) => new Uint8Array(digest))
  return first.every((byte, place) => byte === second[place])
}
