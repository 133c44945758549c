import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createSayhook, poll, SayhookError } from '@sayhook/next'

/** Looks that end as `outcomes` say, and the waits between them. */
async function waits(outcomes, { random = 0.5, budget = 600_000 } = {}) {
  let clock = 0
  const slept = []
  const look = async () => {
    const next = outcomes.shift() ?? { value: 0, done: false }
    if (next instanceof Error) throw next
    return next
  }
  const sleep = async (wait) => { slept.push(Math.round(wait)); clock += wait }
  const value = await poll(look, { random: () => random, sleep, now: () => clock, budget }).catch((error) => error.code ?? error)
  return [value, slept]
}

const busy = { value: 0, done: false }

test('waits grow to five seconds, are spread by chance, and obey the hub', async () => {
  const six = [busy, busy, busy, busy, busy, busy, { value: 'x', done: true }]
  assert.deepEqual(await waits([...six]), ['x', [500, 800, 1280, 2048, 3277, 5000]])
  assert.deepEqual(await waits([...six], { random: 0 }), ['x', [250, 400, 640, 1024, 1638, 2500]])
  assert.deepEqual(await waits([{ ...busy, retryAfter: 9 }, { value: 'x', done: true }]), ['x', [9000]])
})

test('what may be better later is asked again, the rest is the end', async () => {
  const late = new SayhookError('Busy.', 503, 'busy', undefined, 4)
  assert.deepEqual(await waits([late, { value: 'x', done: true }]), ['x', [4000]])
  assert.deepEqual((await waits([new SayhookError('No.', 404, 'gone')]))[0], 'gone')
  assert.equal((await waits([], { budget: 20_000 }))[0], 'timeout')
  assert.equal((await waits(Array(20).fill(late), { budget: 20_000 }))[0], 'busy')
  await assert.rejects(poll(async () => busy, { signal: AbortSignal.timeout(30) }), { name: 'TimeoutError' })
})

test('the client speaks and waits, and tells what failed', async () => {
  const states = ['queued', 'completed', 'failed']
  const send = async (url, { method }) => {
    if (method === 'POST') return Response.json({ id: 'g1', status: 'queued' }, { status: 202 })
    const status = states.shift()
    return Response.json({ id: 'g1', status, error: status === 'failed' ? { code: 'engine_failed', message: 'No voice.' } : null })
  }
  const hub = createSayhook({ url: 'https://hub.example', apiKey: 'shk_1', fetch: send })
  const patience = { sleep: async () => {} }
  assert.equal((await hub.speak({ text: 'Hi.' }, patience)).status, 'completed')
  await assert.rejects(hub.speak({ text: 'Hi.' }, patience), { code: 'engine_failed', message: 'No voice.' })
  assert.throws(() => createSayhook({ apiKey: 'x' }), /SAYHOOK_URL is not set/)
})

test('a hub that does not answer is told from a caller who left', async () => {
  const never = (url, { signal }) =>
    new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  const hub = createSayhook({ url: 'https://hub.example', apiKey: 'shk_1', fetch: never, timeout: 20 })
  await assert.rejects(hub.status('g1'), { code: 'unreachable', isRetryable: true })
  await assert.rejects(hub.status('g1', { signal: AbortSignal.abort(new Error('left')) }), /left/)
})
