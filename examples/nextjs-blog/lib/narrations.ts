import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { Narration } from '@sayhook/next/next'

/** In place of a database: one JSON file, replaced whole. */
const FILE = process.env.DATA_FILE ?? 'data/narrations.json'

type Kept = Record<string, Narration>
let writing: Promise<unknown> = Promise.resolve()

export async function narrationOf(slug: string): Promise<Narration | undefined> {
  return (await read())[slug]
}

/** Writes wait for each other: two webhooks may arrive at once. */
export function keepNarration(narration: Narration): Promise<void> {
  const written = writing.then(async () => {
    const kept = { ...(await read()), [narration.id]: narration }
    await mkdir(/* turbopackIgnore: true */ dirname(FILE), { recursive: true })
    await writeFile(/* turbopackIgnore: true */ `${FILE}.new`, JSON.stringify(kept, null, 2))
    await rename(/* turbopackIgnore: true */ `${FILE}.new`, FILE)
  })
  writing = written.catch(() => undefined)
  return written
}

async function read(): Promise<Kept> {
  try {
    return JSON.parse(await readFile(/* turbopackIgnore: true */ FILE, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
