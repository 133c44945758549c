// WooCommerce's own JavaScript client: the calls it is given, as JSON, and what the shop answers.
import { text } from 'node:stream/consumers'

import module from '@woocommerce/woocommerce-rest-api'

const WooCommerceRestApi = module.default ?? module
const { url, calls } = JSON.parse(await text(process.stdin))
const answers = []
for (const { credentials, method, path, data, query } of calls) {
  const { consumer_key: consumerKey, consumer_secret: consumerSecret, in_query: queryStringAuth } = credentials
  const api = new WooCommerceRestApi({ url, consumerKey, consumerSecret, version: 'wc/v3', queryStringAuth })
  try {
    const given = method === 'get' || method === 'delete' ? [query ?? {}] : [data ?? {}]
    const answer = await api[method](path, ...given)
    answers.push([answer.status, answer.data, answer.headers['x-wp-total'] ?? null])
  } catch (error) {
    answers.push([error.response?.status ?? 0, error.response?.data ?? String(error), null])
  }
}
console.log(JSON.stringify(answers))
