const encoder = new TextEncoder()

/** A short keyed digest, in letters that may stand in an address. */
export async function seal(key: string, content: string): Promise<string> {
  const made = await crypto.subtle.sign('HMAC', await keyOf(key, 'sign'), encoder.encode(content))
  return btoa(String.fromCharCode(...new Uint8Array(made))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The name of a job for the one visitor it belongs to: nobody else's ticket opens it, and nothing has to be kept. */
export async function ticketFor(key: string, subject: string, id: string): Promise<string> {
  return `${id}.${await seal(key, `ticket:${subject}:${id}`)}`
}

/** The job's id, or undefined for another visitor's ticket. */
export async function openTicket(key: string, subject: string, ticket: string): Promise<string | undefined> {
  const [id = '', mark = ''] = ticket.split('.')
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = Uint8Array.from(atob(mark.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
  const content = encoder.encode(`ticket:${subject}:${id}`)
  return (await crypto.subtle.verify('HMAC', await keyOf(key, 'verify'), bytes, content)) ? id : undefined
}

function keyOf(key: string, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const raw = encoder.encode(key)
  return crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}
