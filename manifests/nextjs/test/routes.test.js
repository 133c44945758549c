import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'

import { announce, claimsInMemory, createVoiceRoutes } from '@sayhook/next/next'
import { sign, verify } from '@sayhook/next/webhooks'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const SITE = 'https://blog.example/api/voice'
const STATUS = { id: 'g1', status: 'completed', progress: 1, output_url: 'https://hub.example/a', duration_seconds: 2, captions: { vtt_url: null }, error: null }

let asked
let answer
let events
let routes

beforeEach(() => {
  asked = []
  events = []
  answer = () => Response.json({ id: 'g1', status: 'queued' }, { status: 202 })
  routes = createVoiceRoutes({
    url: 'https://hub.example/',
    apiKey: 'shk_secret',
    webhookSecret: SECRET,
    authorize: (request) => request.headers.get('x-user'),
    prepare: (fields) => ({ ...fields, voice_description: 'warm' }),
    onEvent: (event) => events.push(event),
    fetch: async (url, { headers, body }) => {
      asked.push({ url, headers, body: body && JSON.parse(new TextDecoder().decode(body)) })
      return answer()
    },
  })
})

function generate(body, { user = 'ann', headers = {} } = {}) {
  const content = typeof body === 'string' ? body : JSON.stringify(body)
  const given = { 'content-type': 'application/json', ...(user && { 'x-user': user }), ...headers }
  return routes.POST(new Request(`${SITE}/generate`, { method: 'POST', headers: given, body: content }))
}

const status = (ticket, user) => routes.GET(new Request(`${SITE}/status/${ticket}`, { headers: { 'x-user': user } }))

async function webhook(body, headers) {
  const request = new Request(`${SITE}/webhook`, { method: 'POST', headers: headers ?? (await sign(SECRET, body)), body })
  return routes.POST(request)
}

test('the key stays on the server, and a ticket opens for nobody else', async () => {
  const accepted = await generate({ text: ' Hello. ' }, { headers: { 'idempotency-key': 'k' } })
  assert.equal(accepted.status, 202)
  const { ticket } = await accepted.json()
  assert.equal(asked[0].url, 'https://hub.example/v1/tts/generate')
  assert.equal(asked[0].headers.get('authorization'), 'Bearer shk_secret')
  assert.deepEqual(asked[0].body, { text: 'Hello.', voice_description: 'warm' })
  await generate({ text: 'Hello.' }, { headers: { 'idempotency-key': 'k' } })
  await generate({ text: 'Hello.' }, { user: 'bob', headers: { 'idempotency-key': 'k' } })
  const keys = asked.map(({ headers }) => headers.get('idempotency-key'))
  assert.equal(keys[0], keys[1])
  assert.notEqual(keys[0], keys[2])

  answer = () => Response.json(STATUS)
  const shown = await status(ticket, 'ann')
  assert.equal(shown.headers.get('cache-control'), 'no-store')
  const told = await shown.text()
  assert.ok(!told.includes('shk_') && JSON.parse(told).output_url === STATUS.output_url)
  const before = asked.length
  for (const [wrong, user] of [[ticket, 'bob'], ['g1', 'ann'], ['g1.%', 'ann'], [`g2.${ticket.split('.')[1]}`, 'ann']]) {
    assert.equal((await status(wrong, user)).status, 404)
  }
  assert.equal(asked.length, before, 'the hub is not asked for what is not theirs')
})

test('what a visitor sends is checked before the hub is asked', async () => {
  const cases = [
    [{ text: 'Hi.' }, { user: '' }, 401],
    [{ text: 'Hi.' }, { headers: { 'content-type': 'text/plain' } }, 415],
    ['{', {}, 400],
    [[1], {}, 400],
    [{}, {}, 400],
    [{ text: '  ' }, {}, 400],
    [{ text: 'x'.repeat(501) }, {}, 400],
    [{ text: 5 }, {}, 422],
    [{ text: 'Hi.', callback_url: 'https://evil.example' }, {}, 422],
    [{ text: 'Hi.', seed: 'x' }, {}, 422],
    [{ text: 'Hi.', voice_description: 'x'.repeat(40_000) }, {}, 413],
  ]
  for (const [body, options, expected] of cases) {
    const refused = await generate(body, options)
    assert.equal(refused.status, expected, JSON.stringify(body).slice(0, 60))
    assert.equal(refused.headers.get('content-type'), 'application/problem+json')
  }
  assert.equal(asked.length, 0)
  assert.equal((await routes.POST(new Request(`${SITE}/other`, { method: 'POST' }))).status, 404)
  assert.equal((await routes.GET(new Request(SITE))).status, 404)
})

test("the hub's refusals become the visitor's, without what is not theirs to know", async (context) => {
  context.mock.method(console, 'error', () => {})
  const problem = (status, headers) => () => Response.json({ detail: 'Say why.', code: 'c' }, { status, headers })
  const seen = []
  for (const [status, headers] of [[422, {}], [401, {}], [402, {}], [409, {}], [429, { 'retry-after': '7' }]]) {
    answer = problem(status, headers)
    const refused = await generate({ text: 'Hi.' })
    seen.push([refused.status, (await refused.json()).detail, refused.headers.get('retry-after')])
  }
  answer = () => { throw new TypeError('no network') }
  seen.push([(await generate({ text: 'Hi.' })).status])
  assert.deepEqual(seen, [
    [422, 'Say why.', null],
    [502, 'The voice is not available now.', null],
    [502, 'The voice is not available now.', null],
    [409, 'Say why.', null],
    [503, 'Try again in a moment.', '7'],
    [502],
  ])
})

test('a message is done once: a repeat is well, a replay and a forgery are refused', async () => {
  const body = JSON.stringify({ type: 'audio.ready', data: { id: 'p1', audio_url: 'https://hub.example/a/1.mp3' } })
  const seconds = Math.floor(Date.now() / 1000)
  const first = await sign(SECRET, body, { id: 'msg_1', now: seconds })
  assert.equal((await webhook(body, first)).status, 204)
  assert.equal((await webhook(body, first)).status, 409)
  assert.equal((await webhook(body, await sign(SECRET, body, { id: 'msg_1', now: seconds + 5 }))).status, 204)
  assert.equal((await webhook(body.replace('p1', 'p2'), first)).status, 401)
  assert.equal((await webhook(body, await sign(SECRET, body, { now: seconds - 400 }))).status, 400)
  for (const none of ['{}x', '{}', '[1]', '{"type": 1}']) assert.equal((await webhook(none)).status, 400, none)
  assert.equal((await webhook(`"${'x'.repeat(300_000)}"`)).status, 413)
  assert.deepEqual(events, [{ type: 'audio.ready', messageId: 'msg_1', data: JSON.parse(body).data }])
})

test('work that fails is done at the next try, and a bare status is an event too', async () => {
  let fails = true
  routes = createVoiceRoutes({
    webhookSecret: SECRET,
    authorize: () => null,
    onEvent(event) {
      if (fails) throw new Error('the disk is full')
      events.push(event.type)
    },
  })
  const body = JSON.stringify(STATUS)
  const seconds = Math.floor(Date.now() / 1000)
  const at = async (now) => webhook(body, await sign(SECRET, body, { id: 'msg_9', now }))
  await assert.rejects(at(seconds), /disk is full/)
  fails = false
  assert.equal((await at(seconds + 1)).status, 204)
  assert.deepEqual(events, ['generation.completed'])
})

test('a message whose work goes on is asked for later, and one whose work was cut off is done anew', async () => {
  let now = Date.now() / 1000
  const works = []
  routes = createVoiceRoutes({
    webhookSecret: SECRET,
    authorize: () => null,
    claims: claimsInMemory(() => now),
    onEvent: () => new Promise((resolve, reject) => works.push({ resolve, reject })),
  })
  const body = JSON.stringify(STATUS)
  let tries = 0
  const sent = async (id) => webhook(body, await sign(SECRET, body, { id, now: Date.now() / 1000 - 200 + tries++ }))
  const begun = async (count) => { while (works.length < count) await new Promise(setImmediate) }

  const slow = sent('msg_slow')
  await begun(1)
  assert.equal((await sent('msg_slow')).status, 503)
  works[0].resolve()
  assert.equal((await slow).status, 204)
  assert.equal((await sent('msg_slow')).status, 204)
  assert.equal(works.length, 1)

  void sent('msg_lost') // its process ends: the work never does
  await begun(2)
  now += 5 * 60 + 1
  const again = sent('msg_lost')
  await begun(3)
  works[2].resolve()
  assert.equal((await again).status, 204)
  assert.equal((await sent('msg_lost')).status, 204)
  assert.equal(works.length, 3)
})

test('an announcement is signed for its connection', async () => {
  const sent = []
  const send = async (url, init) => sent.push({ url, ...init }) && new Response()
  await announce({ id: 'p1', title: 'T', text: 'X' }, { hook: 'https://hub.example/hooks/nextjs/1', secret: SECRET, fetch: send })
  await verify(sent[0].headers, sent[0].body, { secret: SECRET })
  const { type, data } = JSON.parse(sent[0].body)
  assert.deepEqual([type, data], ['post.published', { id: 'p1', title: 'T', text: 'X' }])
  const refuse = async () => Response.json({ detail: 'No.' }, { status: 401 })
  await assert.rejects(announce({ id: 'p1', title: 'T', text: 'X' }, { hook: 'https://h.example', secret: SECRET, fetch: refuse }), /No\./)
})
