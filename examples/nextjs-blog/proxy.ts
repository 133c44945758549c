import { type NextRequest, NextResponse } from 'next/server'

import { isAuthor } from '@/lib/author'

/** Asks for the author's password before the studio is shown; what it calls checks for itself. */
export async function proxy(request: NextRequest) {
  if (await isAuthor(request.headers)) return NextResponse.next()
  return new NextResponse('For the author.', { status: 401, headers: { 'www-authenticate': 'Basic realm="studio"' } })
}

export const config = { matcher: '/studio' }
