/** A Sayhook hub from a server: the typed client, what goes wrong with it, and waiting for audio. */
export { createSayhook } from './client.js'
export type { Accepted, GenerateFields, GenerationStatus, Sayhook, SayhookOptions } from './client.js'
export { SayhookError } from './errors.js'
export { poll } from './polling.js'
export type { Look, Patience } from './polling.js'
export type { components, operations, paths } from './schema.js'
