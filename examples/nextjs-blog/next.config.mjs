/** @type {import('next').NextConfig} */
export default {
  // This folder is the whole app, whatever lies around it.
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
}
