import assert from 'node:assert/strict'
import { test } from 'node:test'

import { sign, verify, WebhookRefused } from '@sayhook/next/webhooks'
import { Webhook } from 'standardwebhooks'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${btoa('another secret of 32 good bytes.')}`
const VECTOR = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const BODY = '{"test": 2432232314}'
const now = 1614265330

async function code(headers, body, options) {
  return verify(headers, body, { secret: SECRET, now, ...options }).then(() => 'ok', (error) => {
    assert.ok(error instanceof WebhookRefused, String(error))
    return `${error.status} ${error.code}`
  })
}

test("the specification's own vector is verified and made", async () => {
  assert.deepEqual(await verify(VECTOR, BODY, { secret: SECRET, now }), { id: VECTOR['webhook-id'], timestamp: now, body: BODY })
  assert.deepEqual(await sign(SECRET, BODY, { id: VECTOR['webhook-id'], now }), VECTOR)
  assert.equal(await code(new Headers(VECTOR), new TextEncoder().encode(BODY)), 'ok')
})

test('what is not exactly that is refused with its reason', async () => {
  const cases = [
    [{ ...VECTOR }, `${BODY} `, {}, '401 signature_mismatch'],
    [{ ...VECTOR, 'webhook-id': 'msg_2' }, BODY, {}, '401 signature_mismatch'],
    [{ ...VECTOR, 'webhook-timestamp': String(now + 1) }, BODY, {}, '401 signature_mismatch'],
    [VECTOR, BODY, { secret: OTHER }, '401 signature_mismatch'],
    [VECTOR, BODY, { now: now + 301 }, '400 outside_window'],
    [VECTOR, BODY, { now: now - 301 }, '400 outside_window'],
    [VECTOR, BODY, { now: now + 300 }, 'ok'],
    [{ ...VECTOR, 'webhook-signature': `v1a,AAAA v1,wrong v1 ${VECTOR['webhook-signature']}` }, BODY, {}, 'ok'],
    [{ ...VECTOR, 'webhook-signature': 'v1,%%%' }, BODY, {}, '401 signature_mismatch'],
    [{ ...VECTOR, 'webhook-signature': VECTOR['webhook-signature'].replace('v1', 'v2') }, BODY, {}, '401 signature_mismatch'],
    [{ ...VECTOR, 'webhook-timestamp': `${now}.0` }, BODY, {}, '400 malformed'],
    [{ ...VECTOR, 'webhook-timestamp': `${now}abc` }, BODY, {}, '400 malformed'],
    [{ ...VECTOR, 'webhook-id': 'a.b' }, BODY, {}, '400 malformed'],
    [{ 'webhook-id': 'msg_1' }, BODY, {}, '400 header_missing'],
    [VECTOR, BODY, { secret: 'whsec_AAAA' }, '500 secret_malformed'],
    [VECTOR, BODY, { secret: [] }, '500 secret_missing'],
    [VECTOR, BODY, { secret: `${OTHER} ${SECRET}` }, 'ok'],
  ]
  for (const [headers, body, options, expected] of cases) {
    assert.equal(await code(headers, body, options), expected, JSON.stringify([headers, options]))
  }
})

test('the official library and ours verify what the other one signs', async () => {
  const official = new Webhook(SECRET)
  for (let turn = 0; turn < 50; turn++) {
    const body = JSON.stringify({ turn, text: 'Grüße, 世界 🎧'.repeat(turn) })
    official.verify(body, await sign(SECRET, body))
    const at = new Date()
    const headers = {
      'webhook-id': `msg_${turn}`,
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': official.sign(`msg_${turn}`, at, body),
    }
    assert.equal((await verify(headers, body, { secret: SECRET })).id, `msg_${turn}`)
  }
})
